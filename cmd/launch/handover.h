/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From rlc to rlc-monitor and back. Who watches a detached container stays as long as the container
 * does: rlc gives its process to a program a tenth of its size, and gets it back, by exec(2) both
 * times, for what is to be written at the end. One pid, one parent of the container throughout.
 */
#pragma once
#include "cmd/launch/monitor.h"

struct err;

/* What rlc-monitor is told, as KEY=VALUE; descriptors by number. */
struct handover {
	struct monitor monitor; /* its helpers are those below */
	struct monitor_helper helpers[MONITOR_HELPERS_MAX];
	int rlc;		/* the program that started the container, O_PATH */
	const char *id;		/* of the container */
	const char *data, *run; /* rlc's folders */
};

/*
 * Becomes rlc-monitor (program: a descriptor of it). Descriptors of h->monitor, h->rlc and `lock`
 * go along. Returns only on failure.
 */
int handover_to_monitor(int program, const struct handover *h, int lock, struct err *e);
/* In rlc-monitor. The texts in *ret are those of argv, which it cuts. */
int handover_parse(int argc, char **argv, struct handover *ret, struct err *e);
/* In rlc-monitor: becomes `rlc finish ID STATUS`. Returns only on failure. */
int handover_to_rlc(const struct handover *h, int status, struct err *e);
/* In rlc-monitor: has `rlc note ID TEXT` write down what happened to a running container. */
void handover_note(const struct handover *h, const char *text);
