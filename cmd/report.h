/* SPDX-License-Identifier: Apache-2.0 */
/* How an error reaches the user: the only place of rlc that prints one. */
#pragma once

struct err;

/* On stderr: what was tried and the kernel's word, below it each line of the hint. */
void report_error(const struct err *e);
/*
 * Calls one() for each operand. An error is told and the next operand tried all the same. Returns
 * the highest exit status of those that failed, 0 when none did.
 */
int report_each(int n, char **operands, int (*one)(void *to, const char *operand, struct err *e),
		void *to);
