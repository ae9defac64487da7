/* SPDX-License-Identifier: Apache-2.0 */
/* Removing what no name of the index leads to: blobs, records, layers. In rlc. */
#pragma once

struct dirs;
struct err;
struct id_map;

/*
 * Marks from the index and the containers' records and removes the rest. All stays while somebody
 * loads or checks images or starts a container: the next call takes it. Takes both locks.
 */
int prune_unused(const struct dirs *d, const struct id_map *map, struct err *e);
