/* SPDX-License-Identifier: Apache-2.0 */
/* stream_inflate over gzip, zstd and plain bytes; a first byte says how large the pieces are. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/inflate.h"
#include "storage/stream.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_MAX = 64 << 20 };

struct crumbs {
	struct stream base;
	const unsigned char *at;
	size_t left, piece;
};

static ssize_t crumbs_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct crumbs *c = (struct crumbs *)base;
	size_t n = c->left < c->piece ? c->left : c->piece;

	(void)e;
	*ret = c->at;
	c->at += n;
	c->left -= n;
	return (ssize_t)n;
}

static void crumbs_free(struct stream *base)
{
	free(base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crumbs *c = calloc(1, sizeof(*c));
	enum inflate_format format;
	const unsigned char *bytes;
	struct err e = {0};
	struct stream *s;
	size_t total = 0;
	ssize_t n;

	if (!c)
		abort();
	*c = (struct crumbs){{crumbs_next, crumbs_free, NULL}, data, size, 1};
	if (size) {
		c->piece = data[0] ? data[0] : 65536;
		c->at++;
		c->left--;
	}
	s = stream_inflate(&c->base, "input", &format, &e);
	if (!s) {
		if (!e.what[0])
			abort();
		return 0;
	}
	while ((n = s->next(s, &bytes, &e)) > 0 && total < OUT_MAX)
		total += (size_t)n;
	if (n < 0 && !e.what[0])
		abort();
	stream_free(s);
	return 0;
}
