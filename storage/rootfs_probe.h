/* SPDX-License-Identifier: Apache-2.0 */
/* What of root file systems this host lets a user have; asked in rlc, before a run is planned. */
#pragma once
#include "lib/kernel/probe.h"
#include "storage/rootfs.h"

struct dirs;

/*
 * Fills overlay and fuse of *ret by trying both, once a boot: the answer is kept in the run folder,
 * for this store, these namespaces and this seccomp mode. again: tries in any case. *ret_tried:
 * whether it did. Where user namespaces are refused or the disk is full nothing is learnt, and
 * both are 0: a run will tell.
 */
int rootfs_probe(const struct dirs *d, const struct id_map *map, bool again,
		 struct rootfs_host *ret, bool *ret_tried, struct err *e);
/* An answer has proven wrong: the next run tries again. */
void rootfs_probe_forget(const struct dirs *d);
/*
 * A step of lib/kernel/probe.h that wants a folder in the store (probe_overlay and its like).
 * Returns where it came to its end, with *e; PROBE_STEP too where the folder could not be made.
 */
enum probe_end rootfs_probe_store(const struct dirs *d, const struct id_map *map,
				  int (*step)(const char *work, struct err *e), struct err *e);
