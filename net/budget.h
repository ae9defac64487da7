/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory rlc-net may hold for its container. libslirp buffers what one side sent and the
 * other has not taken, for every connection, and what came out of order; no switch bounds the sum,
 * and no limit of the kernel's counts what was touched. So it is looked at: beyond half of what is
 * allowed no new connection is taken, and those that are there go on; beyond all of it, that is the
 * end.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct budget {
	int statm; /* /proc/self/statm: no file can be opened later */
	uint64_t bytes;
	unsigned int turns;
	bool full; /* half of it, as it was last seen */
};

/* Before the cage. The descriptor stays as long as the process. */
int budget_open(struct budget *b, uint64_t bytes, struct err *e);
/* Looks, not at every call while there is room; sets b->full. -1: it is used up, and *e says so. */
int budget_look(struct budget *b, struct err *e);
/* The resident pages of the text of statm (proc(5)); 0 when it is none (pure). */
uint64_t budget_parse(const char *text, size_t n);
