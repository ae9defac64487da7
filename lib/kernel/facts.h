/* SPDX-License-Identifier: Apache-2.0 */
/* What this host is: the cheap questions, all asked at once, no process started. */
#pragma once
#include "lib/kernel/cgroup.h"

#include <stdbool.h>
#include <sys/types.h>

struct err;

struct facts {
	uid_t uid; /* effective */
	gid_t gid;
	char user[64];		       /* login name, or the number */
	char release[65], machine[65]; /* of uname(2): "6.1.0-13-amd64", "x86_64" */
	unsigned int major, minor;     /* read out of release */
	unsigned int cpus;	       /* hardware threads this process may use */
	int seccomp_mode;	       /* 0, or 2: rlc itself was started under a filter */
	bool no_new_privs;	       /* then no setuid helper gains anything */
	bool systemd;		       /* it is PID 1 here */
	struct cgroup_place cgroup;
};

int facts_gather(struct facts *ret, struct err *e);
/* "6.1.0-13-amd64" → 6, 1 (pure). False: it does not begin with two numbers. */
bool facts_parse_release(const char *release, unsigned int *ret_major, unsigned int *ret_minor);
/* Whether the kernel is major.minor or newer. */
bool facts_kernel_is(const struct facts *f, unsigned int major, unsigned int minor);
