/* SPDX-License-Identifier: Apache-2.0 */
/* System calls and their flags that rlc uses, each asked in a way that changes nothing. */
#pragma once
#include <stdbool.h>

enum feature {
	FEATURE_CLONE3,
	FEATURE_CLONE_INTO_CGROUP,
	FEATURE_OPENAT2,
	FEATURE_PIDFD_OPEN,
	FEATURE_PIDFD_GETFD,
	FEATURE_PIDFD_SEND_SIGNAL,
	FEATURE_CLOSE_RANGE,
	FEATURE_OPEN_TREE,
	FEATURE_MOUNT_SETATTR,
	FEATURE_SECCOMP_FILTER,
	FEATURE_SECCOMP_NOTIFY,
	FEATURE_LANDLOCK,
	FEATURES, /* their number */
};

struct feature_row {
	const char *name;
	const char *since; /* first Linux that has it */
	bool needed;	   /* a run fails without; otherwise it does with less */
	/* 0: there; else the errno that says why not (ENOSYS, or EPERM by a seccomp filter). */
	int (*probe)(void);
};

extern const struct feature_row features[FEATURES];
