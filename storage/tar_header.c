/* SPDX-License-Identifier: Apache-2.0 */
/* Header blocks and sparse maps of tar: pure functions over untrusted bytes. In rlc-image. */
#include "storage/tar_header.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"

/* Offsets in the block, tar(5). */
enum {
	AT_NAME = 0,
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_MTIME = 136,
	AT_CHECKSUM = 148,
	AT_TYPE = 156,
	AT_LINK = 157,
	AT_MAGIC = 257,
	AT_MAJOR = 329,
	AT_MINOR = 337,
	AT_PREFIX = 345,
	AT_GNU_SPARSE = 386,
	AT_GNU_EXTENDED = 482,
	AT_GNU_REAL_SIZE = 483,
	AT_STAR_TRAILER = 508,
	GNU_SPANS = 4,
	GNU_BLOCK_SPANS = 21,
	AT_BLOCK_EXTENDED = 504,
};

bool tar_block_is_zero(const unsigned char *block)
{
	return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

/* Base 256: the first bit marks it, the second is the sign; the rest is big-endian. */
static bool parse_binary(const unsigned char *field, size_t n, int64_t *ret)
{
	bool negative = field[0] & 0x40;
	uint64_t v = negative ? UINT64_MAX : 0;

	v = v << 6 | (field[0] & 0x3f);
	for (size_t i = 1; i < n; i++) {
		/* What is shifted out must be sign only. */
		uint64_t high = v >> 55;

		if (high != (negative ? UINT64_MAX >> 55 : 0))
			return false;
		v = v << 8 | field[i];
	}
	memcpy(ret, &v, sizeof(v));
	return true;
}

/* Octal digits with blanks before and a blank or NUL behind; an empty field is 0. */
static bool parse_octal(const unsigned char *field, size_t n, int64_t *ret)
{
	uint64_t v = 0;
	size_t i = 0;

	while (i < n && field[i] == ' ')
		i++;
	for (; i < n && field[i] >= '0' && field[i] <= '7'; i++) {
		if (v >> 60)
			return false;
		v = v << 3 | (uint64_t)(field[i] - '0');
	}
	for (; i < n && field[i] != '\0'; i++)
		if (field[i] != ' ')
			return false;
	*ret = (int64_t)v;
	return true;
}

static int parse_number(const unsigned char *block, size_t at, size_t n, const char *what,
			int64_t min, int64_t *ret, struct err *e)
{
	const unsigned char *field = block + at;

	if (!((field[0] & 0x80) ? parse_binary : parse_octal)(field, n, ret) || *ret < min)
		return err_msg(e, "damaged tar header: its %s is not a number", what);
	return 0;
}

static int parse_u64(const unsigned char *block, size_t at, size_t n, const char *what,
		     uint64_t *ret, struct err *e)
{
	int64_t v;

	if (parse_number(block, at, n, what, 0, &v, e) < 0)
		return -1;
	*ret = (uint64_t)v;
	return 0;
}

/* Old writers summed signed chars; both sums are accepted, as every reader does. */
static int check_sum(const unsigned char *block, struct err *e)
{
	int64_t stated, is_unsigned = 0, is_signed = 0;

	if (parse_number(block, AT_CHECKSUM, 8, "checksum", 0, &stated, e) < 0)
		return -1;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		unsigned char c = i >= AT_CHECKSUM && i < AT_CHECKSUM + 8 ? ' ' : block[i];

		is_unsigned += c;
		is_signed += (signed char)c;
	}
	if (stated != is_unsigned && stated != is_signed)
		return err_msg(e, "damaged tar header: wrong checksum");
	return 0;
}

static void copy_text(char *to, const unsigned char *from, size_t n)
{
	size_t len = strnlen((const char *)from, n);

	memcpy(to, from, len);
	to[len] = '\0';
}

/* ustar keeps the front of a long name in a field that GNU uses otherwise and star shortens. */
static void copy_name(const unsigned char *block, struct tar_header *h)
{
	char prefix[156] = "", name[101];

	copy_text(name, block + AT_NAME, 100);
	if (memcmp(block + AT_MAGIC, "ustar\0", 6) == 0) {
		bool star = memcmp(block + AT_STAR_TRAILER, "tar\0", 4) == 0;

		copy_text(prefix, block + AT_PREFIX, star ? 131 : 155);
	}
	snprintf(h->name, sizeof(h->name), "%s%s%s", prefix, *prefix ? "/" : "", name);
	copy_text(h->link, block + AT_LINK, 100);
}

static int add_span(struct tar_spans *spans, uint64_t offset, uint64_t size, struct err *e)
{
	if (spans->n == TAR_SPANS_MAX)
		return err_msg(e, "sparse file of more than %d pieces", TAR_SPANS_MAX);
	if ((spans->n & (spans->n - 1)) == 0)
		spans->v = xreallocarray(spans->v, spans->n ? spans->n * 2 : 1, sizeof(*spans->v));
	spans->v[spans->n++] = (struct tar_span){offset, size};
	return 0;
}

static int parse_gnu_spans(const unsigned char *block, size_t at, size_t n, struct tar_spans *spans,
			   struct err *e)
{
	for (size_t i = 0; i < n; i++, at += 24) {
		uint64_t offset, size;

		/* The list ends at the first empty row. */
		if (block[at] == 0)
			break;
		if (parse_u64(block, at, 12, "sparse offset", &offset, e) < 0 ||
		    parse_u64(block, at + 12, 12, "sparse size", &size, e) < 0 ||
		    add_span(spans, offset, size, e) < 0)
			return -1;
	}
	return 0;
}

static int parse_old_sparse(const unsigned char *block, struct tar_header *h,
			    struct tar_spans *spans, struct err *e)
{
	if (memcmp(block + AT_MAGIC, "ustar  \0", 8) != 0)
		return err_msg(e, "sparse entry outside of a GNU tar");
	h->extended = block[AT_GNU_EXTENDED] != 0;
	if (parse_u64(block, AT_GNU_REAL_SIZE, 12, "real size", &h->real_size, e) < 0)
		return -1;
	return parse_gnu_spans(block, AT_GNU_SPARSE, GNU_SPANS, spans, e);
}

int tar_header_parse(const unsigned char *block, struct tar_header *ret, struct tar_spans *spans,
		     struct err *e)
{
	struct tar_header h = {.type = (char)block[AT_TYPE]};
	int64_t mode, major = 0, minor = 0;

	if (check_sum(block, e) < 0 || parse_u64(block, AT_UID, 8, "uid", &h.uid, e) < 0 ||
	    parse_u64(block, AT_GID, 8, "gid", &h.gid, e) < 0 ||
	    parse_u64(block, AT_SIZE, 12, "size", &h.size, e) < 0 ||
	    parse_number(block, AT_MODE, 8, "mode", 0, &mode, e) < 0 ||
	    parse_number(block, AT_MTIME, 12, "time", INT64_MIN, &h.mtime, e) < 0)
		return -1;
	/* Archives of before 1988 have no magic, and no device numbers. */
	if (memcmp(block + AT_MAGIC, "ustar", 5) == 0 && (h.type == '3' || h.type == '4') &&
	    (parse_number(block, AT_MAJOR, 8, "device number", 0, &major, e) < 0 ||
	     parse_number(block, AT_MINOR, 8, "device number", 0, &minor, e) < 0))
		return -1;
	h.mode = (uint32_t)mode;
	h.major = (uint32_t)major;
	h.minor = (uint32_t)minor;
	if (h.type == '\0')
		h.type = '0';
	copy_name(block, &h);
	if (h.type == 'S' && parse_old_sparse(block, &h, spans, e) < 0)
		return -1;
	*ret = h;
	return 0;
}

int tar_sparse_block_parse(const unsigned char *block, struct tar_spans *spans, bool *ret_extended,
			   struct err *e)
{
	*ret_extended = block[AT_BLOCK_EXTENDED] != 0;
	return parse_gnu_spans(block, 0, GNU_BLOCK_SPANS, spans, e);
}

/* One decimal line at *at; 1: read, 0: it is not complete, -1: it is none. */
static int map_line(const char *bytes, size_t n, size_t *at, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = *at;

	for (; i < n && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
		if (v > (UINT64_MAX - 9) / 10)
			return -1;
		v = v * 10 + (uint64_t)(bytes[i] - '0');
	}
	if (i == n)
		return 0;
	if (bytes[i] != '\n' || i == *at)
		return -1;
	*at = i + 1;
	*ret = v;
	return 1;
}

int tar_sparse_map_parse(const char *bytes, size_t n, struct tar_spans *spans, struct err *e)
{
	uint64_t count = 0, offset = 0, size = 0;
	size_t at = 0;
	int rc = map_line(bytes, n, &at, &count);

	tar_spans_free(spans);
	if (rc > 0 && count > TAR_SPANS_MAX)
		return err_msg(e, "sparse file of more than %d pieces", TAR_SPANS_MAX);
	for (uint64_t i = 0; rc > 0 && i < count; i++) {
		rc = map_line(bytes, n, &at, &offset);
		if (rc > 0)
			rc = map_line(bytes, n, &at, &size);
		if (rc > 0 && add_span(spans, offset, size, e) < 0)
			return -1;
	}
	return rc < 0 ? err_msg(e, "damaged sparse map") : rc;
}

int tar_spans_check(const struct tar_spans *spans, uint64_t real_size, uint64_t packed,
		    struct err *e)
{
	uint64_t end = 0, sum = 0;

	for (size_t i = 0; i < spans->n; i++) {
		const struct tar_span *s = &spans->v[i];

		if (s->offset < end || s->size > real_size || s->offset > real_size - s->size)
			return err_msg(e, "damaged sparse map: piece %zu lies outside", i);
		end = s->offset + s->size;
		sum += s->size;
	}
	if (sum != packed)
		return err_msg(e, "damaged sparse map: it holds %llu bytes, the entry %llu",
			       (unsigned long long)sum, (unsigned long long)packed);
	return 0;
}

void tar_spans_free(struct tar_spans *spans)
{
	free(spans->v);
	*spans = (struct tar_spans){0};
}
