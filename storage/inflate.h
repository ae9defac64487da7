/* SPDX-License-Identifier: Apache-2.0 */
/* Decompression of layers: gzip (any number of members) and zstd (any number of frames). */
#pragma once
#include <stddef.h>

struct err;
struct stream;

enum inflate_format {
	INFLATE_NONE,
	INFLATE_GZIP,
	INFLATE_ZSTD,
	INFLATE_XZ,    /* seen, not read: the error names the way out */
	INFLATE_BZIP2, /* same */
};

/* By the first bytes (pure); fewer than 6 are INFLATE_NONE unless they already tell. */
enum inflate_format inflate_detect(const unsigned char *bytes, size_t n);
/* "gzip" and so on. */
const char *inflate_name(enum inflate_format format);
/*
 * A stream of what source holds, decompressed by what its first bytes say; plain data passes as
 * it is. Takes source in any case. name is for the error. NULL on error.
 */
struct stream *stream_inflate(struct stream *source, const char *name,
			      enum inflate_format *ret_format, struct err *e);
