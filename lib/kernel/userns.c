/* SPDX-License-Identifier: Apache-2.0 */
/* Children as root of a new user namespace. */
#include "lib/kernel/userns.h"

#include "lib/base/err.h"
#include "lib/kernel/diagnose.h"
#include "lib/kernel/mount.h"

#include <errno.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t userns_clone(uint64_t namespaces, int cgroup_fd, int *ret_pidfd, struct err *e)
{
	int pidfd = -1;
	struct clone_args args = {
	    .flags = CLONE_NEWUSER | CLONE_PIDFD | namespaces,
	    .pidfd = (uintptr_t)&pidfd,
	    .exit_signal = SIGCHLD,
	};
	pid_t pid;

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
	}
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return err_sys(e, "make a user namespace");
	if (pid > 0)
		*ret_pidfd = pidfd;
	return pid;
}

int userns_enter(int go_fd, struct err *e)
{
	char byte;
	ssize_t n;

	do
		n = read(go_fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		return err_msg(e, "the launcher ended before the id maps were written");
	/* Raw calls: this process has one thread, and glibc's setxid machinery is not wanted. */
	if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0)
		return err_sys(e, "become root of the user namespace");
	return 0;
}

int userns_isolate(bool slave, struct err *e)
{
	if (mount_isolate(slave, e) == 0)
		return 0;
	return err_fix(e, userns_diagnose(e->sys));
}

int userns_drop_groups(struct err *e)
{
	/* EPERM where setgroups is denied (single id): the groups stay, and map to nobody. */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return err_sys(e, "drop supplementary groups");
	return 0;
}
