/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the blocks of a tar together into entries, in rlc-image: every byte here is untrusted. */
#include "storage/tar.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/stream.h"

struct tar {
	struct stream *source;
	const unsigned char *at; /* the piece at hand */
	size_t left;
	uint64_t offset; /* bytes of the tar taken so far */
	uint64_t header; /* where the entry at hand began: for errors */
	bool ended;

	struct tar_entry entry;
	struct tar_pax pax;
	char *long_name, *long_link;
	struct tar_spans spans;
	size_t span;	    /* the one being read */
	uint64_t span_done; /* bytes of it */
	uint64_t data_left; /* packed bytes of the entry not yet taken */
	uint64_t padding;   /* up to the next block */
};

struct tar *tar_new(struct stream *source)
{
	struct tar *t = xcalloc(1, sizeof(*t));

	t->source = source;
	t->pax = (struct tar_pax){.sparse_major = -1, .sparse_minor = -1};
	return t;
}

/* Has at least one byte at hand: 1; end of the source: 0; -1. */
static int fill(struct tar *t, struct err *e)
{
	ssize_t n;

	if (t->left)
		return 1;
	n = t->source->next(t->source, &t->at, e);
	t->left = n > 0 ? (size_t)n : 0;
	return n < 0 ? -1 : n > 0;
}

static void advance(struct tar *t, size_t n)
{
	t->at += n;
	t->left -= n;
	t->offset += n;
}

static int cut_short(struct tar *t, struct err *e)
{
	return err_msg(e, "the tar ends in the middle of an entry (after %llu bytes)",
		       (unsigned long long)t->offset);
}

static int take(struct tar *t, void *to, size_t n, struct err *e)
{
	for (size_t done = 0; done < n;) {
		int rc = fill(t, e);
		size_t part = t->left < n - done ? t->left : n - done;

		if (rc <= 0)
			return rc < 0 ? -1 : cut_short(t, e);
		memcpy((char *)to + done, t->at, part);
		advance(t, part);
		done += part;
	}
	return 0;
}

static int pass_over(struct tar *t, uint64_t n, struct err *e)
{
	while (n) {
		size_t part = t->left < n ? t->left : (size_t)n;
		int rc;

		advance(t, part);
		n -= part;
		/* A skipped end shows when the next header is missing. */
		if (n && t->source->skip) {
			t->source->skip(t->source, n);
			t->offset += n;
			return 0;
		}
		rc = n ? fill(t, e) : 1;
		if (rc <= 0)
			return rc < 0 ? -1 : cut_short(t, e);
	}
	return 0;
}

static uint64_t padding_of(uint64_t n)
{
	return (TAR_BLOCK - n % TAR_BLOCK) % TAR_BLOCK;
}

/* The body of a header entry (pax records, a long name); a NUL is added. */
static int take_body(struct tar *t, uint64_t n, char **ret, struct err *e)
{
	auto_free char *body = NULL;

	if (n > TAR_PAX_MAX)
		return err_msg(e, "tar header of %llu bytes: more than 1 MiB is refused",
			       (unsigned long long)n);
	body = xcalloc(n + 1, 1);
	if (take(t, body, n, e) < 0 || pass_over(t, padding_of(n), e) < 0)
		return -1;
	*ret = take_ptr(body);
	return 0;
}

/* 1: a header; 0: the end mark or the end of the source. */
static int take_header(struct tar *t, struct tar_header *h, struct err *e)
{
	unsigned char block[TAR_BLOCK];
	int rc = fill(t, e);

	t->header = t->offset;
	if (rc <= 0)
		return rc;
	if (take(t, block, sizeof(block), e) < 0)
		return -1;
	if (tar_block_is_zero(block)) {
		rc = fill(t, e);
		if (rc <= 0)
			return rc;
		if (take(t, block, sizeof(block), e) < 0)
			return -1;
		/* Readers disagree on whether anything follows: the same tar must not be two. */
		return tar_block_is_zero(block) ? 0
						: err_msg(e, "an entry follows a lone zero block");
	}
	return tar_header_parse(block, h, &t->spans, e) < 0 ? -1 : 1;
}

static int take_pax(struct tar *t, uint64_t n, struct err *e)
{
	auto_free char *body = NULL;

	if (take_body(t, n, &body, e) < 0)
		return -1;
	tar_pax_free(&t->pax);
	return tar_pax_parse(body, n, &t->pax, e);
}

static int take_long(struct tar *t, uint64_t n, char **at, struct err *e)
{
	free(*at);
	*at = NULL;
	return take_body(t, n, at, e);
}

/* Headers that speak about the entry after them. 1: h was one. */
static int take_prelude(struct tar *t, const struct tar_header *h, struct err *e)
{
	auto_free char *unused = NULL;
	int rc;

	switch (h->type) {
	case 'x':
		rc = take_pax(t, h->size, e);
		break;
	case 'g': /* for all that follows: git writes its commit; Go passes over it too */
		rc = take_body(t, h->size, &unused, e);
		break;
	case 'L':
		rc = take_long(t, h->size, &t->long_name, e);
		break;
	case 'K':
		rc = take_long(t, h->size, &t->long_link, e);
		break;
	default:
		return 0;
	}
	return rc < 0 ? -1 : 1;
}

static int set_type(struct tar *t, const struct tar_header *h, struct err *e)
{
	static const struct {
		char letter;
		enum tar_type type;
	} types[] = {
	    {'0', TAR_FILE},	 {'7', TAR_FILE},    {'S', TAR_FILE},
	    {'1', TAR_HARDLINK}, {'2', TAR_SYMLINK}, {'3', TAR_CHAR},
	    {'5', TAR_FOLDER},	 {'6', TAR_FIFO},    {'4', TAR_BLOCK_DEVICE},
	};

	for (size_t i = 0; i < array_len(types); i++) {
		if (types[i].letter != h->type)
			continue;
		t->entry.type = types[i].type;
		/* Before 1988 a folder was a file whose name ends in a slash. */
		if (h->type == '0' && str_ends(t->entry.path, "/"))
			t->entry.type = TAR_FOLDER;
		return 0;
	}
	return err_msg(e, "unknown type %#x of tar entry", (unsigned char)h->type);
}

/* Long names beat pax records, which beat the header: as Go's archive/tar reads it. */
static void set_names(struct tar *t, const struct tar_header *h)
{
	const char *path = t->pax.path ? t->pax.path : h->name;
	const char *link = t->pax.link ? t->pax.link : h->link;

	if (t->long_name)
		path = t->long_name;
	if (t->long_link)
		link = t->long_link;
	if (t->pax.sparse_name)
		path = t->pax.sparse_name;
	xstr_set(&t->entry.path, path);
	xstr_set(&t->entry.link, link);
}

static int check_names(const struct tar_entry *entry, struct err *e)
{
	if (!*entry->path)
		return err_msg(e, "tar entry without a name");
	if (strlen(entry->path) > TAR_PATH_MAX || strlen(entry->link) > TAR_PATH_MAX)
		return err_msg(e, "tar entry with a name longer than %d bytes", TAR_PATH_MAX);
	if ((entry->type == TAR_SYMLINK || entry->type == TAR_HARDLINK) && !*entry->link)
		return err_msg(e, "%.200s: a link to nothing", entry->path);
	return 0;
}

static int take_old_spans(struct tar *t, struct tar_header *h, struct err *e)
{
	unsigned char block[TAR_BLOCK];

	while (h->extended)
		if (take(t, block, sizeof(block), e) < 0 ||
		    tar_sparse_block_parse(block, &t->spans, &h->extended, e) < 0)
			return -1;
	t->entry.size = h->real_size;
	return 0;
}

/* Sparse 1.0: the map stands in whole blocks before the data. */
static int take_map(struct tar *t, struct err *e)
{
	auto_str struct str map = {0};
	char block[TAR_BLOCK];
	size_t parse_at = TAR_BLOCK;
	int rc = 0;

	while (rc == 0) {
		if (map.len >= TAR_PAX_MAX || t->data_left < TAR_BLOCK)
			return err_msg(e, "damaged sparse map: it has no end");
		if (take(t, block, sizeof(block), e) < 0)
			return -1;
		str_addn(&map, block, sizeof(block));
		t->data_left -= TAR_BLOCK;
		/* Parsed at doubling lengths and at the end: not anew for each block. */
		if (map.len < parse_at && t->data_left >= TAR_BLOCK)
			continue;
		parse_at = map.len * 2;
		rc = tar_sparse_map_parse(str_get(&map), map.len, &t->spans, e);
	}
	return rc < 0 ? -1 : 0;
}

static int set_spans(struct tar *t, struct tar_header *h, struct err *e)
{
	struct tar_pax *p = &t->pax;

	if (h->type == 'S') {
		if (take_old_spans(t, h, e) < 0)
			return -1;
	} else if (p->is_sparse && t->entry.type == TAR_FILE) {
		if (!p->has_real_size)
			return err_msg(e, "damaged pax header: a sparse file without its size");
		t->entry.size = p->real_size;
		tar_spans_free(&t->spans);
		if (p->sparse_major == 1 && p->sparse_minor == 0) {
			if (take_map(t, e) < 0)
				return -1;
		} else if (p->sparse_major > 0) {
			return err_msg(e, "sparse format %lld.%lld is not known",
				       (long long)p->sparse_major, (long long)p->sparse_minor);
		} else {
			t->spans = p->spans;
			p->spans = (struct tar_spans){0};
		}
	} else {
		return 0;
	}
	t->entry.is_sparse = true;
	return tar_spans_check(&t->spans, t->entry.size, t->data_left, e);
}

static void set_meta(struct tar *t, const struct tar_header *h)
{
	const struct tar_pax *p = &t->pax;

	t->entry.uid = p->has_uid ? p->uid : h->uid;
	t->entry.gid = p->has_gid ? p->gid : h->gid;
	t->entry.mode = h->mode & 07777;
	t->entry.mtime = p->has_mtime ? p->mtime : (struct timespec){.tv_sec = h->mtime};
	t->entry.xattrs = p->xattrs;
	t->entry.n_xattrs = p->n_xattrs;
}

static int begin_entry(struct tar *t, struct tar_header *h, struct err *e)
{
	set_names(t, h);
	if (set_type(t, h, e) < 0 || check_names(&t->entry, e) < 0)
		return -1;
	set_meta(t, h);
	/* Only files have data, whatever the size of others says: as Go and GNU tar have it. */
	t->data_left = 0;
	if (strchr("07S", h->type))
		t->data_left = t->pax.has_size ? t->pax.size : h->size;
	t->entry.size = t->data_left;
	t->padding = padding_of(t->data_left);
	t->entry.is_sparse = false;
	t->span = 0;
	t->span_done = 0;
	if (set_spans(t, h, e) < 0)
		return -1;
	t->entry.packed = t->data_left;
	t->entry.data = t->offset;
	return 0;
}

static void forget(struct tar *t)
{
	tar_pax_free(&t->pax);
	tar_spans_free(&t->spans);
	free(t->long_name);
	free(t->long_link);
	t->long_name = t->long_link = NULL;
}

static int next(struct tar *t, struct err *e)
{
	struct tar_header h;
	int preludes = 0;
	int rc;

	if (t->ended)
		return 0;
	if (pass_over(t, t->data_left, e) < 0 || pass_over(t, t->padding, e) < 0)
		return -1;
	t->data_left = t->padding = 0;
	forget(t);
	while ((rc = take_header(t, &h, e)) > 0) {
		if (++preludes > TAR_PRELUDES_MAX)
			return err_msg(e, "more than %d headers about one entry", TAR_PRELUDES_MAX);
		rc = take_prelude(t, &h, e);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return begin_entry(t, &h, e) < 0 ? -1 : 1;
	}
	t->ended = rc == 0;
	if (t->ended && (t->pax.path || t->long_name))
		return cut_short(t, e);
	return rc;
}

int tar_next(struct tar *t, const struct tar_entry **ret, struct err *e)
{
	int rc = next(t, e);

	if (rc < 0)
		return err_ctx(e, "tar entry at byte %llu", (unsigned long long)t->header);
	*ret = &t->entry;
	return rc;
}

ssize_t tar_read(struct tar *t, uint64_t *ret_offset, const unsigned char **ret, struct err *e)
{
	uint64_t room = t->data_left, offset = t->entry.packed - t->data_left;
	size_t n;
	int rc;

	while (t->entry.is_sparse && t->span < t->spans.n) {
		const struct tar_span *s = &t->spans.v[t->span];

		if (t->span_done < s->size) {
			room = s->size - t->span_done;
			offset = s->offset + t->span_done;
			break;
		}
		t->span++;
		t->span_done = 0;
	}
	if (t->data_left == 0)
		return 0;
	rc = fill(t, e);
	if (rc <= 0)
		return rc < 0 ? -1 : cut_short(t, e);
	n = t->left < room ? t->left : (size_t)room;
	*ret = t->at;
	*ret_offset = offset;
	advance(t, n);
	t->data_left -= n;
	t->span_done += n;
	return (ssize_t)n;
}

int tar_drain(struct tar *t, struct err *e)
{
	uint64_t end = t->offset;
	int rc;

	while ((rc = fill(t, e)) > 0) {
		advance(t, t->left);
		if (t->offset - end > TAR_TRAILING_MAX)
			return err_msg(e, "more than %d MiB follow the end of the tar",
				       TAR_TRAILING_MAX >> 20);
	}
	return rc;
}

void tar_free(struct tar *t)
{
	if (!t)
		return;
	forget(t);
	free(t->entry.path);
	free(t->entry.link);
	free(t);
}

int tar_path_clean(const char *path, char **ret, struct err *e)
{
	auto_str struct str out = {0}, shown = {0};

	str_add_visible(&shown, path);
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && memcmp(path, "..", 2) == 0)
			return err_msg(e, "\"%.300s\" leads out of the image by \"..\"",
				       str_get(&shown));
		if (n > TAR_COMPONENT_MAX)
			return err_msg(e, "\"%.300s…\" has a part longer than %d bytes",
				       str_get(&shown), TAR_COMPONENT_MAX);
		if (n && !(n == 1 && *path == '.')) {
			if (out.len)
				str_add(&out, "/");
			str_addn(&out, path, n);
		}
		path += n;
		path += strspn(path, "/");
	}
	if (out.len == 0)
		str_add(&out, ".");
	*ret = str_take(&out);
	return 0;
}
