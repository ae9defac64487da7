/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a compressed stream into a plain one, whatever its first bytes say it is. In rlc-image. */
#include "storage/inflate.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/gunzip.h"
#include "storage/stream.h"

#include <zstd.h>

/* The window a frame may ask for: zstd --ultra --long=27 is what its own tool takes by default. */
enum { PIECE = 256 << 10, MAGIC_MAX = 6, ZSTD_WINDOW_LOG = 27 };

static const struct {
	enum inflate_format format;
	const char *name;
	const char *magic;
	size_t n;
} formats[] = {
    {INFLATE_GZIP, "gzip", "\x1f\x8b", 2},
    {INFLATE_ZSTD, "zstd", "\x28\xb5\x2f\xfd", 4},
    {INFLATE_XZ, "xz", "\xfd\x37zXZ", 6},
    {INFLATE_BZIP2, "bzip2", "BZh", 3},
};

enum inflate_format inflate_detect(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < array_len(formats); i++)
		if (n >= formats[i].n && memcmp(bytes, formats[i].magic, formats[i].n) == 0)
			return formats[i].format;
	return INFLATE_NONE;
}

const char *inflate_name(enum inflate_format format)
{
	for (size_t i = 0; i < array_len(formats); i++)
		if (formats[i].format == format)
			return formats[i].name;
	return "none";
}

struct inflate_stream {
	struct stream base;
	struct stream *source;
	char *name;
	struct gunzip *gunzip;
	ZSTD_DStream *zstd;
	const unsigned char *in;
	size_t in_left;
	bool source_ended;
	bool between;		       /* at the border of two members or frames */
	bool padded;		       /* zeros were seen there: nothing may follow */
	unsigned char head[MAGIC_MAX]; /* what detection read over the end of the first piece */
	size_t head_n;
	const unsigned char *after_head;
	size_t after_head_n;
	unsigned char out[PIECE];
};

/* Gets the next piece of the source; 0 at its end. */
static ssize_t more_input(struct inflate_stream *s, struct err *e)
{
	ssize_t n;

	if (s->after_head_n) {
		s->in = s->after_head;
		s->in_left = s->after_head_n;
		s->after_head_n = 0;
		return (ssize_t)s->in_left;
	}
	if (s->source_ended)
		return 0;
	n = s->source->next(s->source, &s->in, e);
	s->in_left = n > 0 ? (size_t)n : 0;
	s->source_ended = n == 0;
	return n;
}

static ssize_t plain_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct inflate_stream *s = (struct inflate_stream *)base;
	ssize_t n = (ssize_t)s->in_left;

	if (n == 0)
		n = more_input(s, e);
	*ret = s->in;
	s->in_left = 0;
	return n;
}

static int gunzip_piece(struct inflate_stream *s, size_t *made, struct err *e)
{
	struct gunzip_step step = {
	    .in = s->in,
	    .in_left = s->in_left,
	    .out = s->out + *made,
	    .out_left = PIECE - *made,
	};
	const char *wrong;

	/* Tape writers fill up their last block with zeros; gzip(1) passes over them too. */
	while (s->between && s->in_left && *s->in == 0) {
		s->padded = true;
		s->in++;
		s->in_left--;
	}
	if (s->padded)
		return s->in_left ? err_msg(e, "%s: something follows its gzip data", s->name) : 0;
	if (s->between)
		gunzip_reset(s->gunzip);
	wrong = gunzip_step(s->gunzip, &step);
	if (wrong)
		return err_msg(e, "%s: damaged gzip data: %s", s->name, wrong);
	s->between = step.member_ended;
	s->in = step.in;
	s->in_left = step.in_left;
	*made = PIECE - step.out_left;
	return 0;
}

static int unzstd_piece(struct inflate_stream *s, size_t *made, struct err *e)
{
	ZSTD_inBuffer in = {.src = s->in, .size = s->in_left};
	ZSTD_outBuffer out = {.dst = s->out, .size = PIECE, .pos = *made};
	size_t rc = ZSTD_decompressStream(s->zstd, &out, &in);

	if (ZSTD_isError(rc))
		return err_msg(e, "%s: damaged zstd data: %s", s->name, ZSTD_getErrorName(rc));
	s->between = rc == 0;
	s->in += in.pos;
	s->in_left -= in.pos;
	*made = out.pos;
	return 0;
}

static ssize_t inflate_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct inflate_stream *s = (struct inflate_stream *)base;
	size_t made = 0, before, left;

	while (made < PIECE) {
		if (s->in_left == 0 && more_input(s, e) < 0)
			return -1;
		if (s->in_left == 0 && (s->between || made))
			break;
		before = made;
		left = s->in_left;
		if ((s->gunzip ? gunzip_piece : unzstd_piece)(s, &made, e) < 0)
			return -1;
		/* Both decoders may still hold output when the input is gone: asked until dry. */
		if (s->in_left == left && made == before && !s->between)
			return err_msg(e, "%s ends in the middle of its compressed data", s->name);
	}
	*ret = s->out;
	return (ssize_t)made;
}

static void inflate_free(struct stream *base)
{
	struct inflate_stream *s = (struct inflate_stream *)base;

	if (s->gunzip)
		gunzip_free(s->gunzip);
	ZSTD_freeDStream(s->zstd);
	stream_free(s->source);
	free(s->name);
	free(s);
}

/* Reads until the first bytes can be told, without losing them. */
static int read_head(struct inflate_stream *s, struct err *e)
{
	const unsigned char *bytes;
	ssize_t n = 0;

	while (s->head_n < MAGIC_MAX && (n = s->source->next(s->source, &bytes, e)) > 0) {
		size_t part = MAGIC_MAX - s->head_n;

		if (part > (size_t)n)
			part = (size_t)n;
		memcpy(s->head + s->head_n, bytes, part);
		s->head_n += part;
		s->after_head = bytes + part;
		s->after_head_n = (size_t)n - part;
	}
	s->source_ended = n == 0;
	s->in = s->head;
	s->in_left = s->head_n;
	return n < 0 ? -1 : 0;
}

static int start(struct inflate_stream *s, enum inflate_format format, struct err *e)
{
	switch (format) {
	case INFLATE_NONE:
		s->base.next = plain_next;
		return 0;
	case INFLATE_GZIP:
		s->gunzip = gunzip_new();
		return 0;
	case INFLATE_ZSTD:
		s->zstd = ZSTD_createDStream();
		if (!s->zstd)
			return err_msg(e, "%s: no memory for the zstd decoder", s->name);
		(void)ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax,
					     ZSTD_WINDOW_LOG); /* a constant within bounds */
		return 0;
	case INFLATE_XZ:
	case INFLATE_BZIP2:
		break;
	}
	err_msg(e, "%s is compressed with %s, which rlc does not read", s->name,
		inflate_name(format));
	return err_hint(e, "decompress it first: %s", format == INFLATE_XZ ? "xz -d" : "bunzip2");
}

struct stream *stream_inflate(struct stream *source, const char *name,
			      enum inflate_format *ret_format, struct err *e)
{
	struct inflate_stream *s = xcalloc(1, sizeof(*s));
	enum inflate_format format;

	s->base = (struct stream){.next = inflate_next, .free = inflate_free};
	s->source = source;
	s->name = xstrdup(name);
	if (read_head(s, e) < 0)
		goto fail;
	format = inflate_detect(s->head, s->head_n);
	if (start(s, format, e) < 0)
		goto fail;
	*ret_format = format;
	return &s->base;
fail:
	inflate_free(&s->base);
	return NULL;
}
