/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the root of every process of this mount namespace that stands at the old one. */
#pragma once
#include <stdbool.h>

struct err;

/*
 * Makes the mount at new_root (a descriptor of its root) the root, detaches the old one and stands
 * in the new one. Also moves a confined init that waits at "/".
 */
int pivot_into(int new_root, struct err *e);
/*
 * Where the host's root is an initramfs pivot_root(2) gives EINVAL. Then the new root is moved onto
 * "/" *before* chroot: with chroot alone, a holder of CAP_SYS_CHROOT inside walks out by a second
 * chroot. Only processes that share this one's fs struct (CLONE_FS) move along.
 */
int pivot_by_move(int new_root, struct err *e);
/* Whether "/" is the kernel's rootfs (an initramfs), which cannot be pivoted away. */
bool pivot_root_is_initramfs(void);
