/* SPDX-License-Identifier: Apache-2.0 */
/* From what a user typed to an entry of the index; runs in rlc. */
#include "storage/lookup.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "storage/index.h"
#include "storage/reference.h"

static int not_here(const char *reference, struct err *e)
{
	auto_str struct str shown = {0};

	str_add_visible(&shown, reference);
	err_msg(e, "no image %.300s here", str_get(&shown));
	return err_hint(
	    e,
	    "rlc pull %.300s fetches it, rlc load FILE takes it from a file; rlc images "
	    "lists what is there",
	    str_get(&shown));
}

/* The names that a typed one may mean, best first, as podman tries them. */
static int candidates(const char *text, struct strv *names, struct reference *ret, struct err *e)
{
	struct reference local = {0};

	if (reference_parse(text, ret, e) < 0)
		return -1;
	if (reference_is_short(text) && reference_parse_local(text, &local, e) == 0)
		strv_take(names, reference_full(&local));
	strv_take(names, reference_full(ret));
	reference_free(&local);
	return 0;
}

/* Whether that is the digest of the entry's manifest, ours or as it came. */
static bool has_digest(int data, const struct index_entry *entry, const char *digest)
{
	struct image_record r = {0};
	struct err ignored;
	bool has;

	if (strcmp(entry->digest, digest) == 0)
		return true;
	(void)image_record_read(data, entry->digest, &r, &ignored); /* as below */
	has = r.origin && strcmp(r.origin, digest) == 0;
	image_record_free(&r);
	return has;
}

/*
 * "name@sha256:…": pulled by this very digest, which may be an index's; or any tag of that name, as
 * long as the digest is the manifest's.
 */
static const struct index_entry *find_pinned(int data, const struct index *x,
					     const struct reference *r)
{
	auto_free char *repository = xasprintf("%s/%s:", r->domain, r->path);
	auto_free char *pinned = xasprintf("%s/%s@%s", r->domain, r->path, r->digest);
	const struct index_entry *found = index_find(x, pinned);

	for (size_t i = 0; i < x->n && !found; i++)
		if (x->v[i].name && str_starts(x->v[i].name, repository) &&
		    has_digest(data, &x->v[i], r->digest))
			found = &x->v[i];
	return found;
}

static const struct index_entry *find_by_name(int data, const struct index *x, const char *text)
{
	auto_strv struct strv names = {0};
	const struct index_entry *found = NULL;
	struct reference r = {0};
	struct err ignored;

	/* What is no name may still be an id. */
	if (candidates(text, &names, &r, &ignored) < 0)
		return NULL;
	if (r.digest)
		found = find_pinned(data, x, &r);
	for (size_t i = 0; i < names.n && !found && !r.digest; i++)
		found = index_find(x, names.v[i]);
	reference_free(&r);
	return found;
}

/* The image id behind an entry, or "" where its record is damaged. Owned by the caller. */
static char *id_of(int data, const struct index_entry *entry)
{
	struct image_record r = {0};
	struct err ignored;
	char *id;

	(void)image_record_read(data, entry->digest, &r,
				&ignored); /* told when the image is used */
	id = xstrdup(r.config ? r.config + 7 : "");
	image_record_free(&r);
	return id;
}

/* By id or its beginning, or by the manifest's digest. -1: more than one image fits. */
static int find_by_id(int data, const struct index *x, const char *text,
		      const struct index_entry **ret, struct err *e)
{
	const char *hex = str_starts(text, "sha256:") ? text + 7 : text;
	auto_free char *found_id = NULL;

	*ret = NULL;
	if (!reference_is_id(hex))
		return 0;
	for (size_t i = 0; i < x->n; i++) {
		auto_free char *id = id_of(data, &x->v[i]);

		if (!str_starts(id, hex) && !str_starts(x->v[i].digest + 7, hex))
			continue;
		if (*ret && strcmp(found_id, id) != 0) {
			err_msg(e, "more than one image begins with id %s", hex);
			return err_hint(e, "give more digits: rlc images --no-trunc lists them");
		}
		if (!*ret)
			found_id = take_ptr(id);
		*ret = *ret ? *ret : &x->v[i];
	}
	return 0;
}

int lookup_entry(int data, const struct index *x, const char *text, const struct index_entry **ret,
		 bool *ret_by_name, struct err *e)
{
	*ret = find_by_name(data, x, text);
	*ret_by_name = *ret != NULL;
	if (!*ret && find_by_id(data, x, text, ret, e) < 0)
		return -1;
	return *ret ? 0 : not_here(text, e);
}
