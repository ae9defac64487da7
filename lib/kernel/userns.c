/* SPDX-License-Identifier: Apache-2.0 */
/* Children as root of a new user namespace. */
#include "lib/kernel/userns.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/kernel/diagnose.h"
#include "lib/kernel/mount.h"
#include "lib/kernel/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refused(struct err *e)
{
	err_sys(e, "make a user namespace");
	return err_fix(e, userns_diagnose(e->sys));
}

/* The parent: into the group with it, and on. */
static int move_into(int cgroup, pid_t pid, int gate, struct err *e)
{
	auto_fd int procs = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	char number[16];
	int n = snprintf(number, sizeof(number), "%d", pid);

	if (procs < 0 || fd_write_all(procs, number, (size_t)n) < 0 ||
	    fd_write_all(gate, "", 1) < 0)
		return err_sys(e, "move the container into its cgroup");
	return 0;
}

/*
 * Linux before 5.7 has no CLONE_INTO_CGROUP. The child waits until it was moved, or its cgroup
 * namespace would begin one group too high.
 */
static pid_t clone_and_move(struct clone_args *args, int cgroup, struct err *e)
{
	auto_fd int in = -1, out = -1;
	int gate[2];
	pid_t pid;
	char byte;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	in = gate[0], out = gate[1];
	args->flags &= ~(uint64_t)CLONE_INTO_CGROUP;
	pid = (pid_t)syscall(SYS_clone3, args, (size_t)CLONE_ARGS_SIZE_VER0);
	if (pid < 0)
		return refused(e);
	if (pid == 0) {
		close(take_fd(&out));
		if (fd_read_full(in, &byte, 1) != 1)
			_exit(1); /* the launcher has ended, or has an error to tell */
		return 0;
	}
	if (move_into(cgroup, pid, out, e) == 0)
		return pid;
	spawn_end(pid, 0);
	return -1;
}

pid_t userns_clone(uint64_t namespaces, int cgroup_fd, int *ret_pidfd, struct err *e)
{
	int pidfd = -1;
	struct clone_args args = {
	    .flags = CLONE_NEWUSER | CLONE_PIDFD | namespaces,
	    .pidfd = (uintptr_t)&pidfd,
	    .exit_signal = SIGCHLD,
	};
	/* No more of it than is used: a kernel refuses what it does not know. */
	size_t size = CLONE_ARGS_SIZE_VER0;
	pid_t pid;

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
		size = CLONE_ARGS_SIZE_VER2;
	}
	pid = (pid_t)syscall(SYS_clone3, &args, size);
	if (pid < 0 && errno == E2BIG && cgroup_fd >= 0)
		pid = clone_and_move(&args, cgroup_fd, e);
	else if (pid < 0)
		refused(e);
	if (pid < 0 && pidfd >= 0)
		close(pidfd);
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
