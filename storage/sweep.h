/* SPDX-License-Identifier: Apache-2.0 */
/* Removing what killed commands and ended containers left in DATA/tmp; in rlc. */
#pragma once

struct dirs;
struct err;
struct id_map;
struct strv;

/*
 * Removes everything in tmp/ that nobody locks. Costs one listing when tmp/ is empty; starts
 * rlc-image only for what belongs to subordinate ids. 0 too when something is in use.
 */
int sweep_run(const struct dirs *d, const struct id_map *map, struct err *e);
/* Takes layers ("KEY") that no image uses out of layers/; the caller holds lock_layers_alone. */
int sweep_layers(const struct dirs *d, const struct id_map *map, const struct strv *keys,
		 struct err *e);
