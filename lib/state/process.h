/* SPDX-License-Identifier: Apache-2.0 */
/* The first process of a container that runs, so that it can be signalled without hitting another.
 */
#pragma once
#include "lib/state/record.h"

#include <stdbool.h>
#include <sys/types.h>

struct err;
struct dirs;

struct process {
	int fd; /* pidfd, owned by the caller; -1: the container does not run */
	pid_t pid;
	enum record_status status; /* never STATUS_PAUSED */
	char cgroup[256];	   /* of the container, or "" */
};

/*
 * Opens it. It is surely the container's: its monitor holds the record's lock, has not reaped it,
 * and is its parent. That the container does not run is no error. Not there: exit 1.
 */
int process_open(const struct dirs *d, const char *id, struct process *ret, struct err *e);
/*
 * The same, but waits up to `millis` for a container that is being set up. Still not ready: an
 * error.
 */
int process_open_born(const struct dirs *d, const char *id, int millis, struct process *ret,
		      struct err *e);
/*
 * Whether a signal would reach the program. The kernel drops what the first process of a pid
 * namespace neither catches nor waits for by blocking it (pid_namespaces(7)). True when in doubt.
 */
bool process_handles(pid_t pid, int sig);
/* The same from the text of /proc/PID/status (pure). */
bool process_status_handles(const char *text, int sig);
/* When it began, in clock ticks since boot; 0 when there is none. */
int64_t process_start(pid_t pid);
/* Sets s->pid_start to when s->pid began, and s->boot to the boot that counts from. */
void process_note_start(struct record_state *s);
/*
 * Kills what a killed monitor left. PR_SET_PDEATHSIG did so, unless the program changed its ids or
 * took the signal back: then it would run on where there is no cgroup to end it by. After another
 * boot nothing is left, and number and start may be those of any process.
 */
void process_end_orphan(const struct record_state *s);
/*
 * Waits until the container's monitor has ended and its lock is free; up to `millis`. 0: ended, or
 * removed meanwhile; 1: it still runs.
 */
int process_wait_monitor(const struct dirs *d, const char *id, int millis, struct err *e);
