/* SPDX-License-Identifier: Apache-2.0 */
/* Removal of trees that containers made: of any depth, with any owners. In rlc-image. */
#pragma once

struct err;

/*
 * Removes `name` in the folder `at`, whatever it is. Never follows a link, needs a fixed number of
 * descriptors and no recursion however deep the tree is. ENOENT is success.
 */
int remove_tree(int at, const char *name, struct err *e);
