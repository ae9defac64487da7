/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers made one plain tree, as overlayfs would show them: whiteouts hide, opaque folders begin
 * anew, the uppermost says what a folder's owner and mode are. In set-up, as root of the user
 * namespace.
 */
#pragma once
#include <stddef.h>

struct err;

/*
 * layers: descriptors of the layers' roots, open for reading, topmost first, at least one. target:
 * an empty folder, open for reading, which gets the attributes of the topmost root. On -1 it holds
 * a part.
 */
int merge_layers(const int *layers, size_t n, int target, struct err *e);
