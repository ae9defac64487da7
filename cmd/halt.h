/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending containers: politely, then by force. In two steps, so that several are given their time
 * together and not one after the other.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct err;
struct dirs;

enum { HALT_AS_RECORDED = -2, HALT_NEVER_KILL = -1 };

enum halt_paused { HALT_REFUSES_PAUSED, HALT_KILLS_PAUSED };

struct halt {
	char *id;	  /* owned */
	char *name;	  /* owned */
	char *cgroup;	  /* owned: of the container, or NULL */
	int process;	  /* pidfd, or -1: it did not run */
	int64_t until_ms; /* CLOCK_MONOTONIC; -1: whenever it ends */
	int seconds;	  /* as asked, for the notice */
	bool killed;	  /* by SIGKILL from the start */
};

/*
 * Sends the container's stop signal, or SIGKILL at once where that signal would be dropped or
 * `seconds` is 0. seconds: HALT_AS_RECORDED takes the container's own --stop-timeout. A paused one
 * hears nothing: it is refused, or killed at once.
 */
int halt_begin(const struct dirs *d, const char *id, int seconds, enum halt_paused paused,
	       struct halt *ret, struct err *e);
/* Waits for its end, kills it when its time is over, waits for its monitor. Frees what h owns. */
int halt_finish(const struct dirs *d, struct halt *h, struct err *e);
/*
 * What was sent SIGKILL dies of it while frozen too, but what serves its files (FUSE) is frozen
 * with it and must close them: lets a paused container go on, whose group that is. NULL and "":
 * nothing.
 */
void halt_thaw(const char *cgroup);
/* "10", "0", "-1". */
int halt_parse_seconds(const char *text, int *ret, struct err *e);
