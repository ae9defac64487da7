/* SPDX-License-Identifier: Apache-2.0 */
/* A stream that is hashed and measured while it passes (libcrypto's EVP). In rlc-image. */
#pragma once
#include "storage/digest.h"

struct err;
struct stream;

/* What a stream turned out to be; valid once its end was seen. */
struct digest_result {
	char hex[DIGEST_HEX];
	uint64_t size;
};

/* For stream_verify: any size. */
#define DIGEST_ANY_SIZE UINT64_MAX

/*
 * Passes source through. At its end the digest must be `hex` (NULL: any) and the size `size`; a
 * byte beyond size is never passed on. name is for the error. *result belongs to the caller and
 * must outlive the stream.
 */
struct stream *stream_verify(struct stream *source, const char *name, const char *hex,
			     uint64_t size, struct digest_result *result);
