/* SPDX-License-Identifier: Apache-2.0 */
/* Children that live only until their exec, without the cost of a fork. */
#pragma once
#include <sys/types.h>

enum { SPAWN_STACK = 16384 };

/*
 * Starts run(arg) in a child that shares this process' memory (CLONE_VM) on a stack of its own, of
 * SPAWN_STACK bytes, which must stay until the child has executed or ended. Neither page tables are
 * copied nor does the parent wait, as in vfork(2): both go on at once. run must only make system
 * calls, write nothing the parent reads, and end in exec or _exit. flags: CLONE_* beside these;
 * *ret_pidfd is set with CLONE_PIDFD. Returns the pid, or -1 with errno.
 */
pid_t spawn_shared(int (*run)(void *arg), void *arg, void *stack, int flags, int *ret_pidfd);
