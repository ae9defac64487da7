/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of a program that rlc writes itself: conditions on arguments. libseccomp 2.5.4 merges
 * comparisons of 64-bit values wrongly (GHSA-4q85-33p6-j5g6): of "at most 1" and "above 2^32" it
 * makes a filter that lets 2^32 - 1 through as well, and it drops a rule that says what the
 * default says. So it only ever sees rules without conditions.
 */
#pragma once
#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code {
	struct sock_filter *insns;
	size_t n, room;
};

/* One rule as it stands for one system call: all conditions hold, or there are none. */
struct clause {
	int number;
	size_t order; /* place in the profile's text */
	uint32_t action;
	const struct scmp_arg_cmp *args;
	size_t n_args;
};

void code_free(struct code *c);
#define auto_code __attribute__((cleanup(code_free)))

/*
 * The head of every program: another ABI kills the process; numbers above `last`, and x32's
 * always, answer ENOSYS. Leaves the number in the accumulator.
 */
void code_head(struct code *c, uint32_t last);
/*
 * Answers system call `number`: the action of the first clause whose conditions all hold, else
 * `otherwise`. For other numbers it goes on behind, the accumulator unchanged.
 */
void code_call(struct code *c, int number, const struct clause *clauses, size_t n,
	       uint32_t otherwise);
/* Appends instructions as they are. */
void code_append(struct code *c, const struct sock_filter *insns, size_t n);
