/* SPDX-License-Identifier: Apache-2.0 */
/* gzip by zlib, where isa-l is not to be had. In rlc-image. */
#include "storage/gunzip.h"

#include "lib/base/alloc.h"

#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

struct gunzip {
	z_stream z;
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *g = xcalloc(1, sizeof(*g));

	/* 16: a gzip header is expected; 15: the largest window. Fails for want of memory only. */
	if (inflateInit2(&g->z, 16 + 15) != Z_OK)
		abort();
	return g;
}

const char *gunzip_step(struct gunzip *g, struct gunzip_step *step)
{
	int rc;

	g->z.next_in = step->in;
	g->z.avail_in = (unsigned int)step->in_left;
	g->z.next_out = step->out;
	g->z.avail_out = (unsigned int)step->out_left;
	rc = inflate(&g->z, Z_NO_FLUSH);
	step->in = g->z.next_in;
	step->in_left = g->z.avail_in;
	step->out = g->z.next_out;
	step->out_left = g->z.avail_out;
	step->member_ended = rc == Z_STREAM_END;
	/* Z_BUF_ERROR: more input is needed, nothing is wrong. */
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		return NULL;
	return g->z.msg ? g->z.msg : zError(rc);
}

void gunzip_reset(struct gunzip *g)
{
	(void)inflateReset(&g->z); /* fails only for a state that was never set up */
}

void gunzip_free(struct gunzip *g)
{
	inflateEnd(&g->z);
	free(g);
}
