/* SPDX-License-Identifier: Apache-2.0 */
/* How helpers of ours begin, without the cost of a fork, and how they are made to end. */
#pragma once
#include <sys/types.h>

enum { SPAWN_STACK = 16384 };

/*
 * Starts run(arg) in a child that shares this process' memory (CLONE_VM) on a stack of its own, of
 * SPAWN_STACK bytes, which must stay until the child has executed or ended. Page tables are not
 * copied, and unlike in vfork(2) both go on at once. run must only make system
 * calls, write nothing the parent reads, and end in exec or _exit. flags: CLONE_* beside these;
 * *ret_pidfd is set with CLONE_PIDFD. Returns the pid, or -1 with errno.
 */
pid_t spawn_shared(int (*run)(void *arg), void *arg, void *stack, int flags, int *ret_pidfd);
/*
 * Waits for a child of ours, not yet reaped, that was told to end: `patience_ms` for it to do so by
 * itself, then it is killed. Always reaped on return; one that others reaped is no error.
 */
void spawn_end(pid_t pid, int patience_ms);
