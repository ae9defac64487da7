/* SPDX-License-Identifier: Apache-2.0 */
/* Whole folder trees, walked by descriptor and without following links. */
#pragma once
#include <stdint.h>

struct err;

/*
 * Copies what is in folder `from` into folder `to` (open for reading): files, folders, symlinks
 * with owner, mode and times; devices and sockets are left out. `to` itself keeps its owner and
 * mode. name is for the error.
 */
int tree_copy(int from, int to, const char *name, struct err *e);
/* Gives `at` (a folder or a file, open for reading) and all in it to uid:gid. */
int tree_chown(int at, uint32_t uid, uint32_t gid, const char *name, struct err *e);
