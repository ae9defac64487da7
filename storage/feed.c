/* SPDX-License-Identifier: Apache-2.0 */
/* Counts, and keeps where wanted, what comes in of a layer. In rlc-image. */
#include "storage/feed.h"

#include "lib/base/alloc.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "storage/progress.h"
#include "storage/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NEWS_EVERY_MS = 50 };

struct feed_stream {
	struct stream base;
	struct stream *source;
	struct feed f;
	struct progress news;
	int64_t told; /* milliseconds of CLOCK_MONOTONIC */
};

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void tell(struct feed_stream *s, uint64_t more)
{
	int64_t now;

	s->news.done += more;
	/* What is too long is refused one stream further. */
	if (s->f.news < 0 || s->news.done > s->news.total)
		return;
	now = now_ms();
	if (now - s->told < NEWS_EVERY_MS)
		return;
	s->told = now;
	progress_send(s->f.news, &s->news);
}

static ssize_t feed_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct feed_stream *s = (struct feed_stream *)base;
	ssize_t n;

	if (atomic_load_explicit(s->f.stop, memory_order_relaxed))
		return err_msg(e, "another layer failed");
	n = s->source->next(s->source, ret, e);
	if (n <= 0)
		return n;
	if (s->f.copy >= 0 && fd_write_all(s->f.copy, *ret, (size_t)n) < 0)
		return err_sys(e, "keep the blob");
	tell(s, (uint64_t)n);
	return n;
}

static void feed_free(struct stream *base)
{
	struct feed_stream *s = (struct feed_stream *)base;

	stream_free(s->source);
	free(s);
}

struct stream *stream_feed(struct stream *source, const struct feed *f)
{
	struct feed_stream *s = xcalloc(1, sizeof(*s));

	s->base = (struct stream){.next = feed_next, .free = feed_free};
	s->source = source;
	s->f = *f;
	s->news = (struct progress){.layer = (uint32_t)f->layer,
				    .layers = (uint32_t)f->layers,
				    .state = PROGRESS_FETCHING,
				    .total = f->total};
	if (f->hex)
		snprintf(s->news.digest, sizeof(s->news.digest), "sha256:%s", f->hex);
	return &s->base;
}
