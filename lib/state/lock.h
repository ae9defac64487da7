/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock of a container: flock(2) on the file "lock" in its folder. Its monitor holds it
 * exclusively for life. Everybody else takes it shared and for an instant, so that two who look
 * at the same time do not take each other for a monitor, and no monitor starts meanwhile.
 */
#pragma once

struct err;

/* Makes the file and locks it exclusively. Returns its descriptor. */
int lock_create(int folder, struct err *e);

enum lock_answer { LOCK_HELD, LOCK_FREE };
/*
 * Whether a monitor lives. LOCK_FREE: *ret_fd keeps it so until it is closed (-1 when the file is
 * missing). -1 on an error of the file system.
 */
int lock_probe(int folder, int *ret_fd, struct err *e);
/* Waits up to `millis` for the lock to become free; answers as lock_probe(). */
int lock_wait(int folder, int millis, int *ret_fd, struct err *e);
