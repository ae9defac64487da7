/* SPDX-License-Identifier: Apache-2.0 */
/* Taking names from images, and images away with their last name; runs in rlc. */
#include "storage/store.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/state/dirs.h"
#include "storage/index.h"
#include "storage/lock.h"
#include "storage/lookup.h"
#include "storage/prune.h"

/* What is to go: one name of an image, or the image with all its names. */
struct removal {
	char *name; /* NULL: all */
	char *id;
	struct strv digests; /* of the manifests that are this image */
};

static void removal_free(struct removal *r)
{
	free(r->name);
	free(r->id);
	strv_free(&r->digests);
}

/* A record that cannot be read does not keep a damaged image here: its manifest stands for it. */
static char *id_of(int data, const struct index_entry *entry)
{
	struct image_record record = {0};
	struct err damaged;
	char *id;

	(void)image_record_read(data, entry->digest, &record, &damaged);
	id = xstrdup(record.config ? record.config + 7 : entry->digest + 7);
	image_record_free(&record);
	return id;
}

/* Returns how many entries of the index are this image. */
static size_t find_manifests(int data, const struct index *x, struct removal *r)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++) {
		auto_free char *id = id_of(data, &x->v[i]);

		if (strcmp(id, r->id) != 0)
			continue;
		strv_add(&r->digests, x->v[i].digest);
		n++;
	}
	return n;
}

static int choose(int data, const struct index *x, const char *reference, bool force,
		  struct removal *r, struct err *e)
{
	const struct index_entry *entry;
	bool by_name;
	size_t names;

	if (lookup_entry(data, x, reference, &entry, &by_name, e) < 0)
		return err_exit(e, 1);
	r->id = id_of(data, entry);
	names = find_manifests(data, x, r);
	if (!by_name && names > 1 && !force) {
		err_msg(e, "image %s has %zu names", reference, names);
		err_hint(e, "remove them one by one, or all at once: rlc rmi --force %s",
			 reference);
		return err_exit(e, 2);
	}
	r->name = by_name && names > 1 ? xstrdup(entry->name) : NULL;
	return 0;
}

static int refuse_used(const char *reference, struct err *e)
{
	err_msg(e, "image %s is in use by a container", reference);
	err_hint(e, "rlc ps -a shows which; remove it first, or both: rlc rmi --force %s",
		 reference);
	return err_exit(e, 2);
}

static void drop(struct index *x, const struct removal *r, struct strv *report)
{
	for (size_t i = x->n; i-- > 0;) {
		const struct index_entry *entry = &x->v[i];

		if (!strv_has(&r->digests, entry->digest) ||
		    (r->name && (!entry->name || strcmp(entry->name, r->name) != 0)))
			continue;
		if (entry->name)
			strv_addf(report, "Untagged: %s", entry->name);
		index_drop(x, i);
	}
	if (!r->name)
		strv_addf(report, "Deleted: %s", r->id);
}

/*
 * A new index needs room before the image gives its own back. On a full disk that room is made of
 * what the image would lose anyhow and no other has: without them it can still be removed.
 */
static int write_index(int data, const struct index *x, const struct removal *r, struct err *e)
{
	if (index_write(data, x, e) == 0)
		return 0;
	if (e->sys != ENOSPC && e->sys != EDQUOT)
		return -1;
	if (r->name)
		return err_hint(e, "with all its names it makes room: rlc rmi --force %.12s",
				r->id);
	for (size_t i = 0; i < r->digests.n; i++) {
		const char *hex = r->digests.v[i] + 7;
		auto_free char *blob = xasprintf("blobs/sha256/%s", hex);
		auto_free char *record = xasprintf("images/%s.json", hex);

		(void)unlinkat(data, blob, 0); /* if it makes no room, the index says so */
		(void)unlinkat(data, record, 0);
	}
	return index_write(data, x, e);
}

/* With the index locked. */
static int untag(const struct dirs *d, const char *reference, const struct strv *used_ids,
		 bool force, struct strv *report, struct err *e)
{
	auto_fd int lock = lock_index(d->data_fd, e);
	auto_strv struct strv done = {0};
	struct removal r = {0};
	struct index x = {0};
	int rc = -1;

	if (lock < 0 || index_read(d->data_fd, &x, e) < 0)
		return -1;
	if (choose(d->data_fd, &x, reference, force, &r, e) < 0)
		goto out;
	if (!r.name && !force && strv_has(used_ids, r.id)) {
		rc = refuse_used(reference, e);
		goto out;
	}
	drop(&x, &r, &done);
	rc = write_index(d->data_fd, &x, &r, e);
	if (rc == 0)
		strv_copy(report, &done);
out:
	removal_free(&r);
	index_free(&x);
	return rc;
}

int store_remove(const struct dirs *d, const struct id_map *map, const char *reference,
		 const struct strv *used_ids, bool force, struct strv *report, struct err *e)
{
	if (untag(d, reference, used_ids, force, report, e) < 0)
		return -1;
	/* Also when the image stays: a manifest of it, with layers of its own, may have gone. */
	return prune_unused(d, map, e);
}
