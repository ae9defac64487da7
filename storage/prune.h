/* SPDX-License-Identifier: Apache-2.0 */
/* Removing what no name of the index leads to: blobs, records, layers. In rlc. */
#pragma once

struct dirs;
struct err;
struct id_map;

/*
 * Marks from the index and the containers' records and removes the rest. Layers stay while somebody
 * loads an image or starts a container: the next call takes them. Takes both locks.
 */
int prune_unused(const struct dirs *d, const struct id_map *map, struct err *e);
