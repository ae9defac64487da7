/* SPDX-License-Identifier: Apache-2.0 */
/* One gzip decoder behind two libraries: gunzip_isal.c (twice as fast) or gunzip_zlib.c. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct gunzip;

/* What one step did. */
struct gunzip_step {
	const unsigned char *in; /* moved forward over what was read */
	size_t in_left;
	unsigned char *out; /* moved forward over what was written */
	size_t out_left;
	bool member_ended; /* a member's checksum and length were right */
};

struct gunzip *gunzip_new(void);
/* Decodes until input or room ends or a member does. Returns NULL, or what is wrong. */
const char *gunzip_step(struct gunzip *g, struct gunzip_step *step);
/* Makes ready for the next member. */
void gunzip_reset(struct gunzip *g);
void gunzip_free(struct gunzip *g);
