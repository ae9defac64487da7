/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of a layer's chain of streams: tells of progress, ends when told to. In rlc-image.
 */
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct stream;

struct feed {
	int news; /* where struct progress goes, or -1 */
	size_t layer, layers;
	const char *hex; /* digest of the blob */
	uint64_t total;	 /* its size */
	const atomic_bool *stop;
	int copy; /* a file that all of it is written to, or -1 */
};

/* Passes source through, which it takes. *f is copied; what it points to is lent. */
struct stream *stream_feed(struct stream *source, const struct feed *f);
