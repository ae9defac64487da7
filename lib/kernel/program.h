/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the host that rlc starts: found by PATH, opened before privilege is at hand. */
#pragma once

struct err;

/* Full path of a program in the absolute folders of PATH, owned by the caller, or NULL. */
char *program_find(const char *name);
/*
 * Opens it for execveat(2): a regular file of root's or the caller's that no one else may write.
 * Returns a descriptor, or -1.
 */
int program_open(const char *path, struct err *e);
