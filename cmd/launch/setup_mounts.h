/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of a plan, made beneath the container's root; runs in set-up. */
#pragma once

struct err;
struct live;

/* Opens what of the host is to appear; early, since it needs no mapped id. */
int setup_sources(struct live *l, struct err *e);
/* Everything that does not need /proc, in the plan's order. */
int setup_mounts(struct live *l, struct err *e);
/* Masked and read-only paths; after init mounted /proc. */
int setup_masks(struct live *l, struct err *e);
/* Volumes asked for with "U" are given to the container's user, with all that is in them. */
int setup_volume_owners(struct live *l, struct err *e);
/* The container's terminal on /dev/console. */
int setup_mount_console(struct live *l, struct err *e);
