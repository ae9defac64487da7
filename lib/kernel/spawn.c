/* SPDX-License-Identifier: Apache-2.0 */
/* clone(2) for the moment between a process and a program, and its end; runs in the host, in set-up
 * and in the monitor. */
#include "lib/kernel/spawn.h"

#include "lib/base/auto.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

pid_t spawn_shared(int (*run)(void *arg), void *arg, void *stack, int flags, int *ret_pidfd)
{
	/* Stacks grow down on every machine rlc is built for. */
	return clone(run, (char *)stack + SPAWN_STACK, CLONE_VM | SIGCHLD | flags, arg, ret_pidfd);
}

void spawn_end(pid_t pid, int patience_ms)
{
	auto_fd int fd = pidfd_open(pid, 0);
	struct pollfd end = {.fd = fd, .events = POLLIN};

	/* Without a descriptor to wait for there is no patience either. A signal shortens it. */
	if (fd < 0 || poll(&end, 1, patience_ms) <= 0)
		(void)kill(pid, SIGKILL); /* it is not reaped yet: the number is still its own */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
