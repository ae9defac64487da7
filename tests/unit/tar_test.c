/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/stream.h"
#include "storage/tar.h"
#include "tests/unit/tap.h"
#include "tests/unit/tar_build.h"

/* An archive being read. */
struct reading {
	struct stream *in;
	struct tar *tar;
	const struct tar_entry *entry;
	struct err e;
	int rc;
};

static void begin(struct reading *r, const struct str *t)
{
	*r = (struct reading){.in = stream_memory(t->s, t->len)};
	r->tar = tar_new(r->in);
}

static bool next(struct reading *r)
{
	r->e = (struct err){0};
	r->rc = tar_next(r->tar, &r->entry, &r->e);
	return r->rc > 0;
}

static void end(struct reading *r)
{
	tar_free(r->tar);
	stream_free(r->in);
}

/* The file as it would be made, holes as '.'. */
static char *content(struct reading *r)
{
	struct str s = {0};
	const unsigned char *bytes;
	uint64_t offset;
	ssize_t n;

	while (s.len < r->entry->size && s.len < 4096)
		str_add(&s, ".");
	while ((n = tar_read(r->tar, &offset, &bytes, &r->e)) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (offset + (size_t)i < s.len)
				s.s[offset + (size_t)i] = (char)bytes[i];
	return n < 0 ? (str_free(&s), NULL) : str_take(&s);
}

static void test_plain(void)
{
	auto_str struct str t = {0};
	auto_free char *text = NULL;
	struct reading r;

	tar_add(&t, (struct tar_member){'5', "dir/", .mode = 01755, .uid = 7, .gid = 8});
	tar_add(&t, (struct tar_member){'0', "dir/f", .data = "hello", .mtime = 1700000000});
	tar_add(&t, (struct tar_member){'2', "l", "dir/f"});
	tar_add(&t, (struct tar_member){'1', "h", "dir/f"});
	tar_add(&t, (struct tar_member){'6', "p"});
	tar_add(&t, (struct tar_member){'3', "c"});
	tar_add(&t, (struct tar_member){'0', "old/", .data = "passed over"});
	tar_end(&t);
	begin(&r, &t);
	ok(next(&r) && r.entry->type == TAR_FOLDER && r.entry->mode == 01755 && r.entry->uid == 7 &&
	       r.entry->gid == 8,
	   "a folder with mode and owner");
	ok(next(&r) && r.entry->type == TAR_FILE && r.entry->size == 5 &&
	       r.entry->mtime.tv_sec == 1700000000,
	   "a file");
	text = content(&r);
	ok(text && strcmp(text, "hello") == 0, "its content");
	ok(next(&r) && r.entry->type == TAR_SYMLINK && strcmp(r.entry->link, "dir/f") == 0,
	   "a symlink");
	ok(next(&r) && r.entry->type == TAR_HARDLINK, "a hard link");
	ok(next(&r) && r.entry->type == TAR_FIFO, "a fifo");
	ok(next(&r) && r.entry->type == TAR_CHAR, "a device");
	ok(next(&r) && r.entry->type == TAR_FOLDER, "a file whose name ends in / is a folder");
	ok(!next(&r) && r.rc == 0 && !next(&r) && r.rc == 0, "the end, and again");
	end(&r);
}

static void test_data_is_passed_over(void)
{
	auto_str struct str t = {0};
	struct reading r;

	tar_add(&t, (struct tar_member){'0', "a", .data = "not read"});
	tar_add(&t, (struct tar_member){'0', "b", .data = "x"});
	tar_end(&t);
	begin(&r, &t);
	ok(next(&r) && next(&r) && strcmp(r.entry->path, "b") == 0, "unread data is passed over");
	end(&r);
}

static void test_ustar_prefix(void)
{
	auto_str struct str t = {0};
	unsigned char block[512];
	struct reading r;

	tar_block(block, &(struct tar_member){'0', "name"}, 0);
	memcpy(block + 345, "pre/fix", 7);
	tar_seal(block);
	str_addn(&t, block, sizeof(block));
	/* GNU keeps times there. */
	tar_block(block, &(struct tar_member){'0', "name", .gnu = true}, 0);
	memcpy(block + 345, "14000000000", 11);
	tar_seal(block);
	str_addn(&t, block, sizeof(block));
	tar_end(&t);
	begin(&r, &t);
	ok(next(&r) && strcmp(r.entry->path, "pre/fix/name") == 0, "ustar's prefix");
	ok(next(&r) && strcmp(r.entry->path, "name") == 0, "GNU's has none");
	end(&r);
}

static void test_long_names(void)
{
	auto_str struct str t = {0};
	char name[301];
	struct reading r;

	memset(name, 'n', 300);
	name[300] = '\0';
	tar_add(&t, (struct tar_member){'L', "././@LongLink", .data = name, .n = 301, .gnu = true});
	tar_add(&t, (struct tar_member){'K', "././@LongLink", .data = name, .n = 301, .gnu = true});
	tar_add(&t, (struct tar_member){'2', "short", "s", .gnu = true});
	tar_add_pax(&t, "path", name);
	tar_add(&t, (struct tar_member){'0', "short"});
	tar_add(&t, (struct tar_member){'0', "after"});
	tar_end(&t);
	begin(&r, &t);
	ok(next(&r) && strcmp(r.entry->path, name) == 0 && strcmp(r.entry->link, name) == 0,
	   "GNU long name and link");
	ok(next(&r) && strcmp(r.entry->path, name) == 0, "pax path");
	ok(next(&r) && strcmp(r.entry->path, "after") == 0, "it counts for one entry only");
	end(&r);
}

static void test_pax_values(void)
{
	auto_str struct str t = {0};
	struct tar_pax p;
	struct err e;

	tar_add_pax(&t, "uid", "70000");
	ok(tar_pax_parse(t.s + 512, 13, &p, &e) == 0 && p.has_uid && p.uid == 70000, "uid");
	tar_pax_free(&p);
	ok(tar_pax_parse("20 mtime=12.3456789\n", 20, &p, &e) == 0 && p.mtime.tv_sec == 12 &&
	       p.mtime.tv_nsec == 345678900,
	   "mtime with a fraction");
	tar_pax_free(&p);
	ok(tar_pax_parse("14 mtime=-1.5\n", 14, &p, &e) == 0 && p.mtime.tv_sec == -2 &&
	       p.mtime.tv_nsec == 500000000,
	   "mtime before 1970");
	tar_pax_free(&p);
	ok(tar_pax_parse("27 SCHILY.xattr.user.a=b\0c\n", 27, &p, &e) == 0 && p.n_xattrs == 1 &&
	       strcmp(p.xattrs[0].name, "user.a") == 0 && p.xattrs[0].n == 3 &&
	       memcmp(p.xattrs[0].value, "b\0c", 3) == 0,
	   "an extended attribute holds any byte");
	tar_pax_free(&p);
}

static void test_pax_refused(void)
{
	static const struct {
		const char *why, *bytes;
		size_t n;
	} rows[] = {
	    {"longer than the header", "99 path=a\n", 10},
	    {"no newline at its end", "10 path=abc", 10},
	    {"no length", "path=a\n", 7},
	    {"no key", "5 =a\n", 5},
	    {"no equals sign", "7 path\n", 7},
	    {"NUL in a path", "12 path=a\0b\n", 12},
	    {"NUL in a key", "12 pa\0th=a\n", 12},
	    {"uid that is no number", "11 uid=abc\n", 11},
	    {"negative uid", "10 uid=-1\n", 10},
	    {"mtime that is no number", "11 mtime=x\n", 11},
	    {"endless length", "99999999999999999999 a=b\n", 25},
	    {"sparse offset without size", "23 GNU.sparse.offset=1\n", 23},
	    {"sparse size without offset", "25 GNU.sparse.numbytes=1\n", 25},
	    {"odd sparse map", "21 GNU.sparse.map=1,x\n", 22},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct tar_pax p = {0};
		struct err e = {0};

		ok(tar_pax_parse(rows[i].bytes, rows[i].n, &p, &e) < 0 && e.what[0] && !p.path,
		   "pax: %s", rows[i].why);
	}
}

/* Writes v as GNU does where octal digits do not suffice. */
static void put_base256(unsigned char *field, size_t n, int64_t v)
{
	for (size_t i = n; i-- > 0; v >>= 8)
		field[i] = (unsigned char)v;
	field[0] |= 0x80;
}

static void test_base256(void)
{
	unsigned char block[512];
	struct tar_spans spans = {0};
	struct tar_header h;
	struct err e;

	tar_block(block, &(struct tar_member){'0', "f", .gnu = true}, 0);
	put_base256(block + 124, 12, 0x200000000LL);
	put_base256(block + 136, 12, -5);
	tar_seal(block);
	ok(tar_header_parse(block, &h, &spans, &e) == 0 && h.size == 0x200000000ULL &&
	       h.mtime == -5,
	   "base 256: 8 GiB, and a time before 1970");
	put_base256(block + 124, 12, -1);
	tar_seal(block);
	ok(tar_header_parse(block, &h, &spans, &e) < 0, "a negative size");
	memset(block + 124, 0x7f, 12);
	block[124] = 0x80 | 0x3f;
	tar_seal(block);
	ok(tar_header_parse(block, &h, &spans, &e) < 0, "a size beyond 63 bits");
	memcpy(block + 124, "00000008888", 12);
	tar_seal(block);
	ok(tar_header_parse(block, &h, &spans, &e) < 0, "digits that are not octal");
}

static void test_damage(void)
{
	static const char zeros[512];
	auto_str struct str t = {0}, lone = {0};
	struct reading r;

	tar_add(&t, (struct tar_member){'0', "f", .data = "hello"});
	t.s[0] = 'g';
	begin(&r, &t);
	ok(!next(&r) && r.rc < 0 && strstr(r.e.what, "checksum"), "a wrong checksum");
	end(&r);
	t.s[0] = 'f';
	t.len = 514;
	begin(&r, &t);
	ok(next(&r) && !next(&r) && r.rc < 0, "an end in the middle of a file");
	end(&r);
	t.len = 100;
	begin(&r, &t);
	ok(!next(&r) && r.rc < 0, "an end in the middle of a header");
	end(&r);
	str_addn(&lone, zeros, sizeof(zeros));
	tar_add(&lone, (struct tar_member){'0', "hidden"});
	tar_end(&lone);
	begin(&r, &lone);
	ok(!next(&r) && r.rc < 0, "an entry behind a lone zero block");
	lone.len = 512;
	end(&r);
	begin(&r, &lone);
	ok(!next(&r) && r.rc == 0, "a lone zero block at the end");
	end(&r);
}

static void test_strange_entries(void)
{
	auto_str struct str unknown = {0}, nameless = {0}, nowhere = {0}, lost = {0};
	struct reading r;

	tar_add(&unknown, (struct tar_member){'Z', "f"});
	begin(&r, &unknown);
	ok(!next(&r) && r.rc < 0 && strstr(r.e.what, "type"), "an unknown type");
	end(&r);
	tar_add(&nameless, (struct tar_member){'0', ""});
	begin(&r, &nameless);
	ok(!next(&r) && r.rc < 0, "no name");
	end(&r);
	tar_add(&nowhere, (struct tar_member){'2', "l"});
	begin(&r, &nowhere);
	ok(!next(&r) && r.rc < 0, "a link to nothing");
	end(&r);
	tar_add_pax(&lost, "path", "for nobody");
	tar_end(&lost);
	begin(&r, &lost);
	ok(!next(&r) && r.rc < 0, "a pax header without its entry");
	end(&r);
}

/* The size field of a link must not make the reader skip what follows: it would miss entries. */
static void test_size_of_links(void)
{
	auto_str struct str t = {0};
	unsigned char block[512];
	struct reading r;

	tar_block(block, &(struct tar_member){'1', "h", "f"}, 512);
	str_addn(&t, block, sizeof(block));
	tar_add(&t, (struct tar_member){'0', "seen"});
	tar_end(&t);
	begin(&r, &t);
	ok(next(&r) && next(&r) && strcmp(r.entry->path, "seen") == 0,
	   "a hard link has no data whatever its size says");
	end(&r);
}

static void check_sparse(struct str *t, const char *what)
{
	auto_free char *text = NULL;
	struct reading r;

	tar_end(t);
	begin(&r, t);
	ok(next(&r) && r.entry->is_sparse && r.entry->size == 12 && r.entry->packed == 4,
	   "%s: sizes", what);
	text = r.rc > 0 ? content(&r) : NULL;
	ok(text && strcmp(text, "..ab....cd..") == 0, "%s: %s", what, text ? text : r.e.what);
	ok(!next(&r) && r.rc == 0, "%s: its end", what);
	end(&r);
}

static void pax_record(struct str *t, const char *key, const char *value)
{
	struct str one = {0};

	tar_add_pax(&one, key, value);
	str_addn(t, one.s + 512, strlen(one.s + 512));
	str_free(&one);
}

static void test_sparse(void)
{
	auto_str struct str old = {0}, v00 = {0}, v01 = {0}, v10 = {0}, records = {0};
	unsigned char block[512];

	tar_block(block, &(struct tar_member){'S', "f", .gnu = true}, 4);
	snprintf((char *)block + 386, 12, "%011o", 2);
	snprintf((char *)block + 398, 12, "%011o", 2);
	snprintf((char *)block + 410, 12, "%011o", 8);
	snprintf((char *)block + 422, 12, "%011o", 2);
	snprintf((char *)block + 483, 12, "%011o", 12);
	tar_seal(block);
	str_addn(&old, block, sizeof(block));
	tar_add_bytes(&old, "abcd", 4);
	check_sparse(&old, "old GNU");

	pax_record(&records, "GNU.sparse.size", "12");
	pax_record(&records, "GNU.sparse.numblocks", "2");
	pax_record(&records, "GNU.sparse.offset", "2");
	pax_record(&records, "GNU.sparse.numbytes", "2");
	pax_record(&records, "GNU.sparse.offset", "8");
	pax_record(&records, "GNU.sparse.numbytes", "2");
	tar_add(&v00, (struct tar_member){'x', "p", .data = records.s});
	tar_add(&v00, (struct tar_member){'0', "f", .data = "abcd"});
	check_sparse(&v00, "0.0");

	str_free(&records);
	pax_record(&records, "GNU.sparse.size", "12");
	pax_record(&records, "GNU.sparse.map", "2,2,8,2");
	tar_add(&v01, (struct tar_member){'x', "p", .data = records.s});
	tar_add(&v01, (struct tar_member){'0', "f", .data = "abcd"});
	check_sparse(&v01, "0.1");

	str_free(&records);
	pax_record(&records, "GNU.sparse.major", "1");
	pax_record(&records, "GNU.sparse.minor", "0");
	pax_record(&records, "GNU.sparse.name", "f");
	pax_record(&records, "GNU.sparse.realsize", "12");
	tar_add(&v10, (struct tar_member){'x', "p", .data = records.s});
	tar_block(block, &(struct tar_member){'0', "GNUSparseFile.0/f"}, 516);
	str_addn(&v10, block, sizeof(block));
	tar_add_bytes(&v10, "2\n2\n2\n8\n2\n", 10);
	tar_add_bytes(&v10, "abcd", 4);
	check_sparse(&v10, "1.0");
}

static void test_sparse_refused(void)
{
	static const struct {
		const char *why;
		struct tar_span v[2];
		uint64_t real, packed;
	} rows[] = {
	    {"overlap", {{0, 4}, {2, 2}}, 12, 6},
	    {"beyond the end", {{0, 4}, {10, 4}}, 12, 8},
	    {"wraps around", {{0, 4}, {UINT64_MAX - 1, 4}}, 12, 8},
	    {"less than the entry holds", {{0, 4}, {8, 2}}, 12, 8},
	    {"more than the entry holds", {{0, 4}, {8, 2}}, 12, 4},
	};
	struct err e;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct tar_span v[2] = {rows[i].v[0], rows[i].v[1]};
		struct tar_spans spans = {v, 2};

		ok(tar_spans_check(&spans, rows[i].real, rows[i].packed, &e) < 0,
		   "sparse map refused: %s", rows[i].why);
	}
}

static void test_path_clean(void)
{
	static const struct {
		const char *path, *clean;
	} rows[] = {
	    {"a/b", "a/b"}, {"./a//b/", "a/b"}, {"/a", "a"},	  {"///", "."},
	    {"./", "."},    {".", "."},		{"a/./b", "a/b"}, {"..", NULL},
	    {"a/..", NULL}, {"../a", NULL},	{"a/../b", NULL}, {"...", "..."},
	};
	char longest[300];
	struct err e;

	for (size_t i = 0; i < array_len(rows); i++) {
		auto_free char *clean = NULL;
		int rc = tar_path_clean(rows[i].path, &clean, &e);

		ok(rows[i].clean ? rc == 0 && strcmp(clean, rows[i].clean) == 0 : rc < 0, "path %s",
		   rows[i].path);
	}
	memset(longest, 'a', 256);
	longest[256] = '\0';
	{
		auto_free char *clean = NULL;

		ok(tar_path_clean(longest, &clean, &e) < 0, "a part of 256 bytes");
		longest[255] = '\0';
		ok(tar_path_clean(longest, &clean, &e) == 0, "a part of 255 bytes");
	}
}

int main(void)
{
	test_plain();
	test_data_is_passed_over();
	test_ustar_prefix();
	test_long_names();
	test_pax_values();
	test_pax_refused();
	test_base256();
	test_damage();
	test_strange_entries();
	test_size_of_links();
	test_sparse();
	test_sparse_refused();
	test_path_clean();
	return tap_end();
}
