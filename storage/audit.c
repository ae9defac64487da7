/* SPDX-License-Identifier: Apache-2.0 */
/* Looks the store through, name by name; runs in rlc, rlc-image reads for it. */
#include "storage/audit.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/state/dirs.h"
#include "storage/index.h"
#include "storage/lock.h"
#include "storage/scratch.h"
#include "storage/worker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* What is known of one image while the store is looked through. */
struct seen {
	const struct index_entry *entry;
	struct image_record record; /* empty when it is damaged */
};

struct look {
	const struct dirs *d;
	struct index index;
	struct seen *images;
	struct audit *a;
};

/* How rlc rmi is told of it. */
static const char *name_of(const struct index_entry *entry)
{
	return entry->name ? entry->name : entry->digest + 7;
}

/* What was pulled can be pulled again; what was made here comes from where it came. */
static char *fix_of(const struct index_entry *entry, bool keeps_blobs)
{
	if (!entry->name || str_starts(entry->name, "localhost/"))
		return xasprintf("load or import %s again", name_of(entry));
	return xasprintf("rlc pull %s%s", keeps_blobs ? "--keep-blobs " : "", entry->name);
}

/* fix: taken, or NULL: what brings that image. */
static void add_fault(struct look *l, const struct index_entry *entry, const char *what,
		      const char *why, char *fix)
{
	auto_str struct str shown = {0};

	str_add_visible(&shown, why);
	strv_addf(&l->a->faults, "image %s: %s: %s", name_of(entry), what, str_get(&shown));
	strv_take(&l->a->fixes, fix ? fix : fix_of(entry, false));
}

static void add_once(struct strv *list, const char *text)
{
	if (!strv_has(list, text))
		strv_add(list, text);
}

/* The manifest's size stands in the index, where other tools read it. */
static void check_manifest(struct look *l, const struct index_entry *entry)
{
	auto_free char *path = xasprintf("blobs/sha256/%s", entry->digest + 7), *why = NULL;
	struct stat st;

	/* A missing one is found by rlc-image. */
	if (fstatat(l->d->data_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (uint64_t)st.st_size == entry->size)
		return;
	why = xasprintf("%lld bytes, where the index says %llu", (long long)st.st_size,
			(unsigned long long)entry->size);
	add_fault(l, entry, "its manifest", why, NULL);
}

static void look_at(struct look *l, struct seen *s, struct strv *blobs, struct strv *layers)
{
	struct err e;

	check_manifest(l, s->entry);
	add_once(blobs, s->entry->digest + 7);
	if (image_record_read(l->d->data_fd, s->entry->digest, &s->record, &e) < 0) {
		add_fault(l, s->entry, "its record", e.what, NULL);
		return;
	}
	add_once(blobs, s->record.config + 7);
	for (size_t i = 0; i < s->record.blobs.n; i++)
		add_once(blobs, s->record.blobs.v[i]);
	for (size_t i = 0; i < s->record.layers.n; i++)
		add_once(layers, s->record.layers.v[i]);
}

static bool uses(const struct seen *s, const char *blob, const char *layer)
{
	if (layer)
		return strv_has(&s->record.layers, layer);
	return strcmp(s->entry->digest + 7, blob) == 0 ||
	       (s->record.config && strcmp(s->record.config + 7, blob) == 0) ||
	       strv_has(&s->record.blobs, blob);
}

/*
 * A layer that has a name is not unpacked again, nor is its blob fetched again: all images that
 * share it must go first. Of blob and layer the other is NULL.
 */
static char *fix_of_layer(const struct look *l, const struct index_entry *entry, const char *blob,
			  const char *layer)
{
	auto_free char *bring = fix_of(entry, blob != NULL);
	auto_str struct str names = {0};

	for (size_t i = 0; i < l->index.n; i++)
		if (uses(&l->images[i], blob, layer))
			str_addf(&names, " %s", name_of(l->images[i].entry));
	return xasprintf("rlc rmi --force%s; then: %s", str_get(&names), bring);
}

static char *fix_of_fault(const struct look *l, const struct seen *s, const char *blob,
			  const char *layer)
{
	if (layer || strv_has(&s->record.blobs, blob))
		return fix_of_layer(l, s->entry, blob, layer);
	return fix_of(s->entry, false);
}

/* One fault of rlc-image's answer, told for each image that it is a fault of. */
static int take_fault(struct look *l, struct json_object *o, struct err *e)
{
	const char *blob = NULL, *layer = NULL, *why = NULL;
	auto_free char *what = NULL;

	if (json_get_str(o, "blob", &blob, e) < 0 || json_get_str(o, "layer", &layer, e) < 0 ||
	    json_get_str(o, "why", &why, e) < 0)
		return -1;
	if (!why || (!blob && !layer))
		return err_msg(e, "rlc-image gave an incomplete answer");
	what = layer ? xasprintf("its layer %.64s", layer) : xasprintf("blob sha256:%.64s", blob);
	for (size_t i = 0; i < l->index.n; i++)
		if (uses(&l->images[i], blob, layer))
			add_fault(l, l->images[i].entry, what, why,
				  fix_of_fault(l, &l->images[i], blob, layer));
	return 0;
}

static int take_faults(struct look *l, struct json_object *answer, struct err *e)
{
	struct json_object *list = NULL;

	if (json_get_array(answer, "faults", &list, e) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (take_fault(l, json_object_array_get_idx(list, i), e) < 0)
			return -1;
	return 0;
}

/* rlc-image gets an empty folder as its root, the layers beside it, and asks us for blobs. */
static int run_worker(struct look *l, const struct id_map *map, struct strv *keys, struct err *e)
{
	auto_fd int data = open(l->d->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd int ours = -1, theirs = -1;
	auto_json struct json_object *answer = NULL;
	struct worker_request r = {.verb = "check", .keys = *keys, .folder = data};
	struct scratch scratch;
	int pair[2], rc;

	if (data < 0)
		return err_sys(e, "open the store %s", l->d->data);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket to rlc-image");
	r.folder_sock = ours = pair[0];
	r.input = theirs = pair[1];
	if (scratch_make(l->d, map, &scratch, e) < 0)
		return -1;
	r.root = scratch.path;
	rc = worker_run(l->d, map, &r, &answer, e);
	scratch_end(l->d, map, &scratch);
	return rc == 0 ? take_faults(l, answer, e) : -1;
}

static int look(struct look *l, const struct id_map *map, struct err *e)
{
	auto_strv struct strv blobs = {0}, layers = {0}, keys = {0};

	for (size_t i = 0; i < l->index.n; i++) {
		l->images[i].entry = &l->index.v[i];
		look_at(l, &l->images[i], &blobs, &layers);
	}
	for (size_t i = 0; i < blobs.n; i++)
		strv_addf(&keys, "blob=%s", blobs.v[i]);
	for (size_t i = 0; i < layers.n; i++)
		strv_addf(&keys, "layer=%s", layers.v[i]);
	l->a->images = l->index.n;
	l->a->blobs = blobs.n;
	l->a->layers = layers.n;
	return keys.n ? run_worker(l, map, &keys, e) : 0;
}

int audit_store(const struct dirs *d, const struct id_map *map, struct audit *ret, struct err *e)
{
	auto_fd int lock = lock_layers_shared(d->data_fd, e);
	struct audit a = {0};
	struct look l = {.d = d, .a = &a};
	int rc;

	if (lock < 0 || index_read(d->data_fd, &l.index, e) < 0)
		return -1;
	l.images = xcalloc(l.index.n, sizeof(*l.images));
	rc = look(&l, map, e);
	for (size_t i = 0; i < l.index.n; i++)
		image_record_free(&l.images[i].record);
	free(l.images);
	index_free(&l.index);
	if (rc < 0)
		audit_free(&a);
	else
		*ret = a;
	return rc;
}

void audit_free(struct audit *a)
{
	strv_free(&a->faults);
	strv_free(&a->fixes);
}
