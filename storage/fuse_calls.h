/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that serves a root by fuse-overlayfs may ask the kernel for. */
#pragma once
#include "lib/kernel/allow.h"

/*
 * Files and memory, threads and clocks; no socket, no mount, no other process, no namespace, no
 * identity. Among executions only that of an open descriptor, by which it starts.
 */
extern const struct allow fuse_calls[];
extern const size_t n_fuse_calls;
