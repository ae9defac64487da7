/* SPDX-License-Identifier: Apache-2.0 */
/* The table of contents of an image archive: where each file's bytes lie in the tar. In rlc-image.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct archive;
struct err;

/* Reads the headers of the tar in fd, which is `size` bytes long. NULL on error. */
struct archive *archive_open(int fd, uint64_t size, const char *name, struct err *e);
/* Follows links inside of the archive. False: there is no such file. */
bool archive_find(const struct archive *a, const char *name, uint64_t *ret_offset,
		  uint64_t *ret_size);
void archive_free(struct archive *a);
