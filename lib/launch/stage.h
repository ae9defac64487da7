/* SPDX-License-Identifier: Apache-2.0 */
/* A process as a table of steps, with what undoes them. */
#pragma once
#include <stdbool.h>

struct err;
/* A process' plan, descriptors and pids: each program of rlc defines its own. */
struct live;

/* One step in one process. A process is an array of these, ended by {0}. */
struct stage {
	const char *name;
	bool (*wanted)(const struct live *l); /* NULL: always */
	int (*run)(struct live *l, struct err *e);
	void (*undo)(struct live *l); /* NULL: the kernel undoes it */
};

/*
 * Runs the stages in order. When one fails, those that ran are undone in reverse and -1 is
 * returned; the error stays as the stage made it: it names what was tried, not our step.
 */
int stages_run(const struct stage *s, struct live *l, struct err *e);
