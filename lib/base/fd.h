/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes, and descriptors that travel between processes. */
#pragma once
#include <dirent.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

/* The list of a folder's entries, which owns fd then. NULL with errno; fd < 0: as open left it. */
DIR *fd_into_dir(int fd);
/* Returns 0 when all n bytes went out; -1 with errno. */
int fd_write_all(int fd, const void *bytes, size_t n);
/* Reads until n bytes or end of file; returns the bytes read, -1 with errno. */
ssize_t fd_read_full(int fd, void *bytes, size_t n);
/* Sends n bytes (at least 1) and one descriptor over a unix socket. -1 with errno. */
int fd_send(int sock, const void *bytes, size_t n, int fd);
/*
 * Receives up to n bytes and at most one descriptor, close-on-exec; *ret_fd is -1 when none came.
 * Returns the bytes read, 0 at end of file, -1 with errno.
 */
ssize_t fd_recv(int sock, void *bytes, size_t n, int *ret_fd);
/*
 * Opens /dev/null on each of 0, 1, 2 that is closed: or the next file opened would be taken for it.
 * -1 with errno.
 */
int fd_fill_stdio(void);
/*
 * Closes every descriptor from `from` up except those in keep[] (any order, -1 ignored).
 * A process boundary starts with this. Works on kernels without close_range too.
 */
void fd_close_all_but(int from, const int keep[], size_t n_keep);
