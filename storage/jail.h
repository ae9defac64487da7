/* SPDX-License-Identifier: Apache-2.0 */
/* What rlc-image gives up before it reads the first byte of an image. */
#pragma once

struct err;

/*
 * For root of a new user and mount namespace: makes the folder `scratch` the root, with `layers`
 * (-1: none) read-only at /layers, and closes both descriptors; keeps of the capabilities what
 * unpacking needs; for good: no_new_privs, no core, no tracing, Landlock where the kernel has it.
 * Nothing of the host is in reach afterwards but what is open.
 */
int jail_enter(int scratch, int layers, struct err *e);
/*
 * Then: no system call but those that unpacking needs, and threads. Last, since the filter refuses
 * what the above is made of.
 */
int jail_filter(struct err *e);
