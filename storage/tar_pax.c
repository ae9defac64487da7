/* SPDX-License-Identifier: Apache-2.0 */
/* Pax records ("LENGTH KEY=VALUE\n") of tar: pure functions over untrusted bytes. In rlc-image. */
#include "storage/tar_header.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <ctype.h>

/* One record: its value may hold any byte; a copy with a NUL behind is in `text`. */
struct record {
	const char *key;
	const char *value; /* NUL-ended copy of n bytes */
	size_t n;
};

static int wrong(const struct record *r, struct err *e)
{
	auto_str struct str shown = {0};

	str_add_visible(&shown, r->key);
	return err_msg(e, "damaged pax header: \"%.100s\" has an impossible value",
		       str_get(&shown));
}

/* Names reach the kernel as C strings: a NUL inside would make it see another one. */
static int set_text(char **at, const struct record *r, struct err *e)
{
	if (strlen(r->value) != r->n)
		return wrong(r, e);
	/* An empty value takes back what was said: the header's own stays. */
	xstr_set(at, r->n ? r->value : NULL);
	return 0;
}

static int read_u64(const struct record *r, uint64_t *ret, struct err *e)
{
	int64_t v;

	if (strlen(r->value) != r->n || !str_to_i64(r->value, 0, INT64_MAX, &v))
		return wrong(r, e);
	*ret = (uint64_t)v;
	return 0;
}

static int set_u64(bool *has, uint64_t *at, const struct record *r, struct err *e)
{
	if (r->n == 0) {
		*has = false;
		return 0;
	}
	*has = true;
	return read_u64(r, at, e);
}

/* "[-]SECONDS[.FRACTION]": nanoseconds, what is finer is cut off. */
static int set_time(struct tar_pax *p, const struct record *r, struct err *e)
{
	size_t dot = strcspn(r->value, ".");
	auto_free char *whole = xstrndup(r->value, dot);
	bool negative = r->value[0] == '-';
	int64_t seconds;
	long ns = 0, unit = 100000000;

	if (strlen(r->value) != r->n || !str_to_i64(whole, INT64_MIN / 2, INT64_MAX / 2, &seconds))
		return wrong(r, e);
	for (size_t i = dot + 1; i < r->n; i++, unit /= 10) {
		if (!isdigit((unsigned char)r->value[i]))
			return wrong(r, e);
		ns += unit * (r->value[i] - '0');
	}
	/* A timespec counts nanoseconds upwards from its second. */
	if (negative && ns) {
		seconds--;
		ns = 1000000000 - ns;
	}
	p->mtime = (struct timespec){.tv_sec = seconds, .tv_nsec = ns};
	p->has_mtime = true;
	return 0;
}

static int set_xattr(struct tar_pax *p, const char *name, const struct record *r, struct err *e)
{
	struct tar_xattr *x = NULL;

	if (r->n > TAR_XATTR_MAX || strlen(name) > 255)
		return wrong(r, e);
	for (size_t i = 0; i < p->n_xattrs; i++)
		if (strcmp(p->xattrs[i].name, name) == 0)
			x = &p->xattrs[i];
	if (!x && p->n_xattrs == TAR_XATTRS_MAX)
		return err_msg(e, "more than %d extended attributes", TAR_XATTRS_MAX);
	if (!x) {
		p->xattrs = xreallocarray(p->xattrs, p->n_xattrs + 1, sizeof(*p->xattrs));
		x = &p->xattrs[p->n_xattrs++];
		*x = (struct tar_xattr){.name = xstrdup(name)};
	}
	free(x->value);
	x->value = xcalloc(r->n, 1);
	memcpy(x->value, r->value, r->n);
	x->n = r->n;
	return 0;
}

static int push_span(struct tar_pax *p, bool is_offset, uint64_t v, const struct record *r,
		     struct err *e)
{
	struct tar_spans *s = &p->spans;

	if (is_offset == p->has_offset || (is_offset && s->n == TAR_SPANS_MAX))
		return wrong(r, e);
	if (is_offset) {
		if ((s->n & (s->n - 1)) == 0)
			s->v = xreallocarray(s->v, s->n ? s->n * 2 : 1, sizeof(*s->v));
		s->v[s->n++] = (struct tar_span){.offset = v};
	} else {
		s->v[s->n - 1].size = v;
	}
	p->has_offset = is_offset;
	return 0;
}

/* Sparse 0.1: "offset,size,offset,size,…". */
static int set_map(struct tar_pax *p, const struct record *r, struct err *e)
{
	auto_free char *map = xstrdup(r->value);
	char *rest = map, *item;
	bool is_offset = true;
	int64_t v;

	if (strlen(r->value) != r->n)
		return wrong(r, e);
	tar_spans_free(&p->spans);
	p->has_offset = false;
	for (; r->n && (item = strsep(&rest, ",")); is_offset = !is_offset)
		if (!str_to_i64(item, 0, INT64_MAX, &v) ||
		    push_span(p, is_offset, (uint64_t)v, r, e) < 0)
			return wrong(r, e);
	return 0;
}

static int set_sparse(struct tar_pax *p, const char *key, const struct record *r, struct err *e)
{
	uint64_t v = 0;

	p->is_sparse = true;
	if (strcmp(key, "name") == 0)
		return set_text(&p->sparse_name, r, e);
	if (strcmp(key, "map") == 0)
		return set_map(p, r, e);
	if (read_u64(r, &v, e) < 0)
		return -1;
	if (strcmp(key, "offset") == 0 || strcmp(key, "numbytes") == 0)
		return push_span(p, *key == 'o', v, r, e);
	if (strcmp(key, "major") == 0)
		p->sparse_major = (int64_t)v;
	else if (strcmp(key, "minor") == 0)
		p->sparse_minor = (int64_t)v;
	else if (strcmp(key, "size") == 0 || strcmp(key, "realsize") == 0)
		return set_u64(&p->has_real_size, &p->real_size, r, e);
	return 0;
}

/* Keys that say nothing about what is made (uname, atime, comment, …) are passed over. */
static int apply(struct tar_pax *p, const struct record *r, struct err *e)
{
	static const char xattr[] = "SCHILY.xattr.", sparse[] = "GNU.sparse.";

	if (str_starts(r->key, xattr))
		return set_xattr(p, r->key + sizeof(xattr) - 1, r, e);
	if (str_starts(r->key, sparse))
		return set_sparse(p, r->key + sizeof(sparse) - 1, r, e);
	if (strcmp(r->key, "path") == 0)
		return set_text(&p->path, r, e);
	if (strcmp(r->key, "linkpath") == 0)
		return set_text(&p->link, r, e);
	if (strcmp(r->key, "size") == 0)
		return set_u64(&p->has_size, &p->size, r, e);
	if (strcmp(r->key, "uid") == 0)
		return set_u64(&p->has_uid, &p->uid, r, e);
	if (strcmp(r->key, "gid") == 0)
		return set_u64(&p->has_gid, &p->gid, r, e);
	if (strcmp(r->key, "mtime") == 0 && r->n)
		return set_time(p, r, e);
	return 0;
}

/* Cuts one record off; returns its length, 0 when it is damaged. `text` receives a copy. */
static size_t cut(const char *bytes, size_t n, char **text, struct record *ret)
{
	size_t len = 0, digits = 0, head;
	char *equals;

	while (digits < n && digits < 8 && isdigit((unsigned char)bytes[digits]))
		len = len * 10 + (size_t)(bytes[digits++] - '0');
	if (digits == 0 || digits == n || bytes[digits] != ' ' || len > n || len < digits + 4 ||
	    bytes[len - 1] != '\n')
		return 0;
	head = digits + 1;
	*text = xcalloc(len - head, 1);
	memcpy(*text, bytes + head, len - head - 1);
	equals = memchr(*text, '=', len - head - 1);
	if (!equals || equals == *text || memchr(*text, '\0', (size_t)(equals - *text)))
		return 0;
	*equals = '\0';
	ret->key = *text;
	ret->value = equals + 1;
	ret->n = len - head - 1 - (size_t)(equals + 1 - *text);
	return len;
}

int tar_pax_parse(const char *bytes, size_t n, struct tar_pax *ret, struct err *e)
{
	struct tar_pax p = {.sparse_major = -1, .sparse_minor = -1};

	while (n) {
		auto_free char *text = NULL;
		struct record r;
		size_t len = cut(bytes, n, &text, &r);

		if (len == 0) {
			err_msg(e, "damaged pax header: a record has a wrong length or no key");
			goto fail;
		}
		if (apply(&p, &r, e) < 0)
			goto fail;
		bytes += len;
		n -= len;
	}
	if (p.has_offset) {
		err_msg(e, "damaged pax header: a sparse offset without its size");
		goto fail;
	}
	*ret = p;
	return 0;
fail:
	tar_pax_free(&p);
	return -1;
}

void tar_pax_free(struct tar_pax *p)
{
	for (size_t i = 0; i < p->n_xattrs; i++) {
		free(p->xattrs[i].name);
		free(p->xattrs[i].value);
	}
	free(p->xattrs);
	free(p->path);
	free(p->link);
	free(p->sparse_name);
	tar_spans_free(&p->spans);
	*p = (struct tar_pax){.sparse_major = -1, .sparse_minor = -1};
}
