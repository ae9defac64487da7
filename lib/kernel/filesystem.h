/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of file systems, by the magic number that statfs(2) gives. */
#pragma once
#include <stdint.h>

/* "ext4" (which stands for ext2 and ext3 too), "tmpfs", …; "unknown" for a number not listed. */
const char *filesystem_name(uint64_t magic);
