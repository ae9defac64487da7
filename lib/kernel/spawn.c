/* SPDX-License-Identifier: Apache-2.0 */
/* clone(2) for the moment between a process and a program; used by the host and by set-up. */
#include "lib/kernel/spawn.h"

#include <sched.h>
#include <signal.h>

pid_t spawn_shared(int (*run)(void *arg), void *arg, void *stack, int flags, int *ret_pidfd)
{
	/* Stacks grow down on every machine rlc is built for. */
	return clone(run, (char *)stack + SPAWN_STACK, CLONE_VM | SIGCHLD | flags, arg, ret_pidfd);
}
