/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: read with a limit, written so that they appear complete or not at all. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

/*
 * Reads a file of at most max bytes, relative to dirfd (AT_FDCWD allowed). *ret is NUL-ended and
 * owned by the caller; *ret_len may be NULL. The error names the path.
 */
int file_read(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len, struct err *e);
/* Same from an open descriptor; name is for the error only. */
int file_read_fd(int fd, const char *name, size_t max, char **ret, size_t *ret_len, struct err *e);
/* Writes ".tmp" beside it and renames over path; sync adds fsync of file and folder. */
int file_write(int dirfd, const char *path, const void *bytes, size_t n, mode_t mode, bool sync,
	       struct err *e);
/* mkdir -p of an absolute path; what exists stays as it is. */
int file_make_folders(const char *path, mode_t mode, struct err *e);
/*
 * Removes a folder and all in it, never following a symlink and never leaving dirfd's device
 * tree by "..". ENOENT is success.
 */
int file_remove_tree(int dirfd, const char *name, struct err *e);
