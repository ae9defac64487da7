/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allow-list seccomp filters of rlc's own helper processes, from a table in their source; libc
 * only, for static programs too. (Containers' filters are compiled from profiles, in seccomp/.)
 */
#pragma once
#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/*
 * One permitted system call: {SYS_read} with any arguments, or only where (args[arg] & mask) ==
 * value, and where more.mask is not 0, that holds of more.arg as well. Several rows of one number
 * are alternatives. Frequent calls belong in front.
 */
struct allow {
	int nr;
	uint8_t arg; /* 0 … 5 */
	uint64_t mask, value;
	struct {
		uint8_t arg;
		uint64_t mask, value;
	} more;
};

enum { ALLOW_ROWS_MAX = 200, ALLOW_INSNS_MAX = 5 + 15 * ALLOW_ROWS_MAX };

/*
 * Writes the program (pure): other ABIs kill the process, what no row permits answers ENOSYS, as an
 * older kernel would. out has room for ALLOW_INSNS_MAX; n is at most ALLOW_ROWS_MAX. Returns the
 * number of instructions.
 */
size_t allow_compile(const struct allow *rows, size_t n, struct sock_filter *out);
/* Loads it for all threads to come, for good; sets no_new_privs. exit_group(2) is added. */
int allow_load(const struct allow *rows, size_t n, struct err *e);
