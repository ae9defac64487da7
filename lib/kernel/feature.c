/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes for system calls: each is called with arguments that a kernel which knows the call must
 * refuse, so that the errno tells a missing or filtered call from a present one.
 */
#include "lib/kernel/feature.h"

#include "lib/kernel/lsm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The errno of a call made to fail; `expected` is how a kernel that has it refuses. */
static int told_by(long result, int expected)
{
	return result >= 0 || errno == expected ? 0 : errno;
}

static int probe_clone3(void)
{
	return told_by(syscall(SYS_clone3, NULL, 0), EINVAL);
}

/* A descriptor that cannot be open: EBADF from the flag's own code, nothing is cloned. */
static int probe_into_cgroup(void)
{
	struct clone_args args = {
	    .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = INT_MAX};

	return told_by(syscall(SYS_clone3, &args, sizeof(args)), EBADF);
}

static int probe_openat2(void)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int probe_pidfd_open(void)
{
	return told_by(syscall(SYS_pidfd_open, 0, 0), EINVAL);
}

static int probe_pidfd_getfd(void)
{
	return told_by(syscall(SYS_pidfd_getfd, -1, 0, 0), EBADF);
}

static int probe_pidfd_send_signal(void)
{
	return told_by(syscall(SYS_pidfd_send_signal, -1, 0, NULL, 0), EBADF);
}

static int probe_close_range(void)
{
	return told_by(syscall(SYS_close_range, UINT_MAX, UINT_MAX, 0), 0);
}

static int probe_open_tree(void)
{
	return told_by(syscall(SYS_open_tree, -1, "x", 0), EBADF);
}

static int probe_mount_setattr(void)
{
	return told_by(syscall(SYS_mount_setattr, -1, "", 0, NULL, 0), EINVAL);
}

static int probe_action(uint32_t action)
{
	return told_by(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
}

static int probe_seccomp_filter(void)
{
	return probe_action(SECCOMP_RET_ERRNO);
}

static int probe_seccomp_notify(void)
{
	return probe_action(SECCOMP_RET_USER_NOTIF);
}

static int probe_landlock(void)
{
	return landlock_abi() > 0 ? 0 : errno;
}

const struct feature_row features[FEATURES] = {
    [FEATURE_CLONE3] = {"clone3", "5.3", true, probe_clone3},
    [FEATURE_CLONE_INTO_CGROUP] = {"clone-into-cgroup", "5.7", false, probe_into_cgroup},
    [FEATURE_OPENAT2] = {"openat2", "5.6", true, probe_openat2},
    [FEATURE_PIDFD_OPEN] = {"pidfd-open", "5.3", false, probe_pidfd_open},
    [FEATURE_PIDFD_GETFD] = {"pidfd-getfd", "5.6", false, probe_pidfd_getfd},
    [FEATURE_PIDFD_SEND_SIGNAL] = {"pidfd-send-signal", "5.1", false, probe_pidfd_send_signal},
    [FEATURE_CLOSE_RANGE] = {"close-range", "5.9", false, probe_close_range},
    [FEATURE_OPEN_TREE] = {"open-tree", "5.2", true, probe_open_tree},
    [FEATURE_MOUNT_SETATTR] = {"mount-setattr", "5.12", false, probe_mount_setattr},
    [FEATURE_SECCOMP_FILTER] = {"seccomp-filter", "4.14", true, probe_seccomp_filter},
    [FEATURE_SECCOMP_NOTIFY] = {"seccomp-notify", "5.0", false, probe_seccomp_notify},
    [FEATURE_LANDLOCK] = {"landlock", "5.13", false, probe_landlock},
};
