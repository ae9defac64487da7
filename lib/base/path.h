/* SPDX-License-Identifier: Apache-2.0 */
/* Paths that someone else controls: opened and made beneath a descriptor, never joined. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Opens path as a process chrooted at root would (symlinks and ".." stay inside; magic links are
 * refused). flags as open(2); O_CLOEXEC is added. mode with O_CREAT. Returns a descriptor, or -1
 * with errno. openat2(2), RESOLVE_IN_ROOT, Linux 5.6.
 */
int path_open_in(int root, const char *path, int flags, mode_t mode);
/*
 * Makes missing folders of path beneath root (mode 0755) and at its end a folder, or an empty
 * file when `folder` is false; what exists is kept whatever it is. A symlink that leads nowhere (an
 * image's /etc/resolv.conf often is one) has its target made, inside. Returns an O_PATH descriptor
 * of the end, or -1 with errno (ENOTDIR, EISDIR never: the caller sees by fstat what is there).
 */
int path_make_in(int root, const char *path, bool folder);
/* Purely textual: "/a/./b//../c" → "/a/c". Result is absolute and owned by the caller. */
char *path_clean(const char *path);
/* Whether `path` is `folder` or beneath it; both cleaned. */
bool path_is_beneath(const char *path, const char *folder);
