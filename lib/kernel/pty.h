/* SPDX-License-Identifier: Apache-2.0 */
/* Terminals: the caller's in raw mode and back, and window sizes. */
#pragma once
#include <stdbool.h>

struct err;

/*
 * Puts a terminal into raw mode: every key goes to the container as it is typed. How it was comes
 * back by pty_raw_end(), by exit(3), and when this process dies of its own fault (SIGSEGV, abort).
 * One terminal a process. In the background the kernel stops the process (SIGTTOU) unless that
 * signal is blocked. Beginning twice keeps what was remembered first.
 */
int pty_raw_begin(int tty, struct err *e);
/* Puts the terminal back; without a begin it does nothing. */
void pty_raw_end(void);
bool pty_is_raw(void);
/* Whether this process may read and set the terminal without being stopped for it. */
bool pty_is_foreground(int tty);
/* Gives `to` the window size of `from`. -1 with errno. */
int pty_copy_size(int from, int to);
