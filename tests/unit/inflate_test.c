/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/inflate.h"
#include "storage/stream.h"
#include "storage/verify.h"
#include "tests/unit/tap.h"

#include <zlib.h>
#include <zstd.h>

/* Gives its bytes in pieces of a chosen size, so that every border falls somewhere. */
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

static struct stream *crumbs(const struct str *s, size_t piece)
{
	struct crumbs *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	*c =
	    (struct crumbs){{crumbs_next, crumbs_free, NULL}, (unsigned char *)s->s, s->len, piece};
	return &c->base;
}

/* What comes out; false and *e when it fails. */
static bool inflate_all(const struct str *in, size_t piece, struct str *out, struct err *e)
{
	enum inflate_format format;
	struct stream *s = stream_inflate(crumbs(in, piece), "blob", &format, e);
	const unsigned char *bytes;
	ssize_t n = -1;

	str_free(out);
	while (s && (n = s->next(s, &bytes, e)) > 0)
		str_addn(out, bytes, (size_t)n);
	stream_free(s);
	return n == 0;
}

static void add_gzip(struct str *to, const void *bytes, size_t n)
{
	unsigned char *room = malloc(n + 1024);
	z_stream z = {0};

	if (!room || deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	z.next_in = (unsigned char *)(uintptr_t)bytes;
	z.avail_in = (unsigned int)n;
	z.next_out = room;
	z.avail_out = (unsigned int)n + 1024;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	str_addn(to, room, z.total_out);
	deflateEnd(&z);
	free(room);
}

static void add_zstd(struct str *to, const void *bytes, size_t n)
{
	size_t bound = ZSTD_compressBound(n), size;
	void *room = malloc(bound);

	if (!room)
		abort();
	size = ZSTD_compress(room, bound, bytes, n, 3);
	str_addn(to, room, size);
	free(room);
}

/* Bytes that compress somewhat: more than one buffer of any stage. */
static void fill(struct str *s, size_t n)
{
	unsigned int x = 1;

	while (s->len < n) {
		x = x * 1103515245 + 12345;
		str_addf(s, "%x,", x >> 20);
	}
}

static bool same(const struct str *a, const struct str *b)
{
	return a->len == b->len && memcmp(str_get(a), str_get(b), a->len) == 0;
}

static void test_formats(void)
{
	static const struct {
		const char *name;
		void (*add)(struct str *, const void *, size_t);
	} formats[] = {{"gzip", add_gzip}, {"zstd", add_zstd}, {"plain", str_addn}};
	auto_str struct str plain = {0};

	fill(&plain, 300000);
	for (size_t i = 0; i < array_len(formats); i++) {
		auto_str struct str packed = {0}, out = {0}, twice = {0};
		struct err e = {0};

		formats[i].add(&packed, plain.s, plain.len);
		ok(inflate_all(&packed, packed.len, &out, &e) && same(&out, &plain), "%s: %s",
		   formats[i].name, e.what);
		ok(inflate_all(&packed, 1013, &out, &e) && same(&out, &plain), "%s in pieces: %s",
		   formats[i].name, e.what);
		ok(inflate_all(&packed, 1, &out, &e) && same(&out, &plain), "%s byte by byte: %s",
		   formats[i].name, e.what);
		str_addn(&twice, plain.s, plain.len);
		str_addn(&twice, plain.s, plain.len);
		formats[i].add(&packed, plain.s, plain.len);
		ok(inflate_all(&packed, 70001, &out, &e) && same(&out, &twice),
		   "two of %s one after the other: %s", formats[i].name, e.what);
	}
}

static void test_damage(void)
{
	auto_str struct str plain = {0}, packed = {0}, out = {0}, bad = {0};
	struct err e = {0};

	fill(&plain, 100000);
	add_gzip(&packed, plain.s, plain.len);
	for (size_t cut = 1; cut < packed.len; cut += packed.len / 7) {
		struct str part = {.s = packed.s, .len = packed.len - cut};

		ok(!inflate_all(&part, 4096, &out, &e), "gzip cut by %zu bytes", cut);
	}
	str_addn(&bad, packed.s, packed.len);
	bad.s[bad.len - 6] ^= 1;
	ok(!inflate_all(&bad, 4096, &out, &e), "gzip with a wrong checksum");
	bad.s[bad.len - 6] ^= 1;
	bad.s[bad.len - 2] ^= 1;
	ok(!inflate_all(&bad, 4096, &out, &e), "gzip with a wrong length");
	str_addn(&packed, "\0\0\0", 3);
	ok(inflate_all(&packed, 4096, &out, &e) && same(&out, &plain), "zeros behind gzip");
	str_addn(&packed, "x", 1);
	ok(!inflate_all(&packed, 1, &out, &e), "something behind these zeros");
	str_free(&packed);
	add_zstd(&packed, plain.s, plain.len);
	packed.len -= 5;
	ok(!inflate_all(&packed, 4096, &out, &e), "zstd cut short");
}

static void test_unreadable(void)
{
	static const struct {
		const char *name, *bytes;
		size_t n;
	} rows[] = {{"xz", "\xfd\x37zXZ\0\0\0", 8}, {"bzip2", "BZh91AY&SY", 10}};

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_str struct str in = {0}, out = {0};
		struct err e = {0};

		str_addn(&in, rows[i].bytes, rows[i].n);
		ok(!inflate_all(&in, 3, &out, &e) && strstr(e.what, rows[i].name) && e.hint[0],
		   "%s is named, with the way out", rows[i].name);
	}
}

static void test_short(void)
{
	auto_str struct str none = {0}, one = {0}, out = {0};
	struct err e = {0};

	ok(inflate_all(&none, 1, &out, &e) && out.len == 0, "nothing is nothing");
	str_add(&one, "ab");
	ok(inflate_all(&one, 1, &out, &e) && strcmp(str_get(&out), "ab") == 0,
	   "less than any magic number");
}

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static bool verify(const char *text, const char *hex, uint64_t size, bool ahead,
		   struct digest_result *result, struct err *e)
{
	struct stream *s =
	    stream_verify(stream_memory(text, strlen(text)), "blob", hex, size, result);
	const unsigned char *bytes;
	ssize_t n;

	if (ahead)
		s = stream_ahead(s);
	while ((n = s->next(s, &bytes, e)) > 0)
		;
	if (n == 0 && s->next(s, &bytes, e) != 0)
		n = -1;
	stream_free(s);
	return n == 0;
}

static void test_verify(void)
{
	struct digest_result r;
	struct err e = {0};

	for (int ahead = 0; ahead < 2; ahead++) {
		ok(verify("abc", ABC, 3, ahead, &r, &e) && strcmp(r.hex, ABC) == 0 && r.size == 3,
		   "the right digest and size%s", ahead ? ", in a thread" : "");
		ok(!verify("abd", ABC, 3, ahead, &r, &e) && strstr(e.what, "blob"),
		   "another content: %s", e.what);
		ok(!verify("abc", ABC, 2, ahead, &r, &e), "longer than said: %s", e.what);
		ok(!verify("abc", ABC, 4, ahead, &r, &e), "shorter than said: %s", e.what);
		ok(verify("abc", NULL, DIGEST_ANY_SIZE, ahead, &r, &e) && strcmp(r.hex, ABC) == 0,
		   "nothing was promised");
	}
}

/* A blob that is longer than said is cut off at once, not hashed to its end. */
static void test_too_long(void)
{
	auto_str struct str plain = {0};
	struct digest_result r;
	const unsigned char *bytes;
	struct err e = {0};
	size_t passed = 0;
	struct stream *s;
	ssize_t n;

	fill(&plain, 100000);
	s = stream_verify(crumbs(&plain, 1000), "blob", NULL, 5500, &r);
	while ((n = s->next(s, &bytes, &e)) > 0)
		passed += (size_t)n;
	stream_free(s);
	ok(n < 0 && passed == 5000 && strstr(e.what, "more than the 5500 bytes"),
	   "nothing passes beyond the size that was said: %zu", passed);
}

/* The reader goes away while the thread still has much to give. */
static void test_abandoned(void)
{
	auto_str struct str plain = {0};
	const unsigned char *bytes;
	struct stream *s;
	struct err e = {0};

	fill(&plain, 8 << 20);
	s = stream_ahead(stream_ahead(crumbs(&plain, 5000)));
	ok(s->next(s, &bytes, &e) > 0, "a piece of a long stream");
	stream_free(s);
	ok(true, "leaving it does not hang");
}

int main(void)
{
	test_formats();
	test_damage();
	test_unreadable();
	test_short();
	test_verify();
	test_too_long();
	test_abandoned();
	return tap_end();
}
