/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding images in the store; runs in rlc, and every start of a container comes through here:
 * three small files are read, by paths relative to the data folder, and nothing is locked.
 */
#include "storage/store.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/state/dirs.h"
#include "storage/index.h"
#include "storage/lock.h"
#include "storage/lookup.h"
#include "storage/reference.h"

#include <fcntl.h>
#include <sys/stat.h>

static int damaged(const char *name, struct err *e)
{
	err_ctx(e, "image %s is damaged", name);
	return err_hint(e, "remove it and load it again: rlc rmi --force %s", name);
}

static int check_layers(int data, const struct strv *layers, struct err *e)
{
	for (size_t i = 0; i < layers->n; i++) {
		auto_free char *path = xasprintf("layers/%s", layers->v[i]);
		struct stat st;

		if (fstatat(data, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return err_sys(e, "its layer %s", path);
	}
	return 0;
}

static int read_image(int data, const char *digest, struct image *image, struct err *e)
{
	auto_free char *path = NULL, *text = NULL;
	struct image_record r = {0};
	size_t n;

	if (image_record_read(data, digest, &r, e) < 0)
		return -1;
	path = xasprintf("blobs/sha256/%s", r.config + 7);
	image->id = xstrdup(r.config + 7);
	image->manifest_digest = xstrdup(r.origin ? r.origin : digest);
	image->size = r.size;
	image->created = (time_t)r.created;
	for (size_t i = 0; i < r.layers.n; i++)
		strv_addf(&image->layers, "%s/fs", r.layers.v[i]);
	image_record_free(&r);
	if (file_read(data, path, BLOB_MAX, &text, &n, e) < 0 ||
	    image_config_parse(text, n, path, &image->config, e) < 0)
		return -1;
	return check_layers(data, &image->layers, e);
}

static int find(int data, const struct index *x, const char *reference, struct image *ret,
		struct err *e)
{
	const struct index_entry *entry;
	struct image image = {0};
	bool by_name;

	if (lookup_entry(data, x, reference, &entry, &by_name, e) < 0)
		return -1;
	if (read_image(data, entry->digest, &image, e) < 0) {
		image_free(&image);
		return damaged(by_name ? entry->name : reference, e);
	}
	if (by_name)
		image.name = xstrdup(entry->name);
	*ret = image;
	return 0;
}

int store_find(const struct dirs *d, const char *reference, struct image *ret, struct err *e)
{
	struct index x = {0};
	int rc;

	if (index_read(d->data_fd, &x, e) < 0)
		return -1;
	rc = find(d->data_fd, &x, reference, ret, e);
	index_free(&x);
	return rc;
}

int store_first_name(const struct dirs *d, const struct strv *names, char **ret, struct err *e)
{
	const struct index_entry *entry;
	struct index x = {0};
	struct err not_there;
	bool by_name;

	*ret = NULL;
	if (index_read(d->data_fd, &x, e) < 0)
		return -1;
	for (size_t i = 0; i < names->n && !*ret; i++)
		if (lookup_entry(d->data_fd, &x, names->v[i], &entry, &by_name, &not_there) == 0 &&
		    by_name)
			*ret = xstrdup(names->v[i]);
	index_free(&x);
	return 0;
}

void image_free(struct image *i)
{
	free(i->id);
	free(i->manifest_digest);
	free(i->name);
	strv_free(&i->layers);
	image_config_free(&i->config);
	*i = (struct image){0};
}

/*
 * "host/path:tag" → its two halves; the colon of a port stands before a slash. What was pulled by a
 * digest has no tag.
 */
static void split_name(const char *full, struct image_row *row)
{
	const char *slash = full ? strrchr(full, '/') : NULL;
	const char *pin = slash ? strchr(slash, '@') : NULL;
	const char *colon = slash ? strchr(slash, ':') : NULL;

	if (!full)
		return;
	row->reference = xstrdup(full);
	if (pin && (!colon || pin < colon)) {
		row->name = xstrndup(full, (size_t)(pin - full));
		return;
	}
	row->name = colon ? xstrndup(full, (size_t)(colon - full)) : xstrdup(full);
	row->tag = colon ? xstrdup(colon + 1) : NULL;
}

static int newest_first(const void *a, const void *b)
{
	const struct image_row *x = a, *y = b;

	if (x->created != y->created)
		return x->created > y->created ? -1 : 1;
	return strcmp(x->name ? x->name : "", y->name ? y->name : "");
}

int store_list(const struct dirs *d, struct image_row **ret, size_t *n, struct err *e)
{
	struct image_row *rows;
	struct index x = {0};

	if (index_read(d->data_fd, &x, e) < 0)
		return -1;
	rows = xcalloc(x.n, sizeof(*rows));
	for (size_t i = 0; i < x.n; i++) {
		struct image_record r = {0};
		struct err ignored;

		/* A damaged image stays in the list, so that it can be seen and removed. */
		(void)image_record_read(d->data_fd, x.v[i].digest, &r, &ignored);
		split_name(x.v[i].name, &rows[i]);
		rows[i].id = xstrdup(r.config ? r.config + 7 : x.v[i].digest + 7);
		rows[i].manifest_digest = xstrdup(r.origin ? r.origin : x.v[i].digest);
		rows[i].size = r.size;
		rows[i].created = (time_t)r.created;
		image_record_free(&r);
	}
	qsort(rows, x.n, sizeof(*rows), newest_first);
	*ret = rows;
	*n = x.n;
	index_free(&x);
	return 0;
}

void image_rows_free(struct image_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(rows[i].reference);
		free(rows[i].name);
		free(rows[i].tag);
		free(rows[i].id);
		free(rows[i].manifest_digest);
	}
	free(rows);
}

int store_tag(const struct dirs *d, const char *reference, const char *name, struct err *e)
{
	auto_fd int lock = lock_index(d->data_fd, e);
	const struct index_entry *entry;
	auto_free char *full = NULL, *digest = NULL;
	struct reference r = {0};
	struct index x = {0};
	bool by_name;
	int rc = -1;

	if (lock < 0 || reference_parse_local(name, &r, e) < 0)
		return -1;
	if (r.digest) {
		err_msg(e, "\"%s\" is pinned to a digest: a tag is wanted", name);
		goto out;
	}
	full = reference_full(&r);
	if (index_read(d->data_fd, &x, e) < 0 ||
	    lookup_entry(d->data_fd, &x, reference, &entry, &by_name, e) < 0)
		goto out;
	digest = xstrdup(entry->digest); /* the entry may move */
	index_set(&x, full, digest, entry->size);
	rc = index_write(d->data_fd, &x, e);
out:
	reference_free(&r);
	index_free(&x);
	return rc;
}
