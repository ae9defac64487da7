/* SPDX-License-Identifier: Apache-2.0 */
/* Removing one entry of the store that nobody needs any more. In rlc-image. */
#pragma once

struct err;

/*
 * path: "tmp/NAME", removed unless its maker holds the lock, or "layers/KEY", which leaves its
 * name first; other paths are refused. Gone already is success.
 */
int sweep_path(int root, const char *path, struct err *e);
