/* SPDX-License-Identifier: Apache-2.0 */
/* Makes images that are unpacked known by their names; runs in rlc, as the user. */
#include "storage/commit.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/state/dirs.h"
#include "storage/digest.h"
#include "storage/index.h"
#include "storage/layer_record.h"
#include "storage/lock.h"
#include "storage/offer.h"
#include "storage/reference.h"
#include "storage/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>

/* A damaged one of that name is mended. */
static bool blob_is_there(int data, const char *path, const char *text)
{
	auto_free char *there = NULL;
	struct err ignored;
	size_t n;

	return file_read(data, path, BLOB_MAX, &there, &n, &ignored) == 0 && n == strlen(text) &&
	       memcmp(there, text, n) == 0;
}

static int make_blobs_folder(int data, struct err *e)
{
	if ((mkdirat(data, "blobs", 0700) < 0 && errno != EEXIST) ||
	    (mkdirat(data, "blobs/sha256", 0700) < 0 && errno != EEXIST))
		return err_sys(e, "make folder blobs/sha256 in the store");
	return 0;
}

static int write_blob(int data, const char *hex, const char *text, struct err *e)
{
	auto_free char *path = xasprintf("blobs/sha256/%s", hex);

	if (blob_is_there(data, path, text))
		return 0;
	return make_blobs_folder(data, e) < 0
		   ? -1
		   : file_write(data, path, text, strlen(text), 0644, true, e);
}

/*
 * What rlc-image would take from the shelf: it has a tree, and a record of this format. What a
 * newer rlc left is not ours to judge.
 */
static bool is_sound(int data, const char *path)
{
	auto_fd int folder = openat(data, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct layer_record r = {0};
	struct stat st;
	struct err e;

	if (folder < 0)
		return false;
	if (layer_record_read(folder, &r, &e) < 0)
		return layer_record_is_newer(&e);
	layer_record_free(&r);
	return fstatat(folder, "fs", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool layer_is_here(int data, const char *layer)
{
	auto_free char *path = xasprintf("layers/%s", layer);

	return is_sound(data, path);
}

/*
 * Of an image that is here and whole, the folders of its layers stay as they are, whatever an
 * answer calls them: it may be another's, whose manifest anybody can have.
 */
static void keep_layers(int data, const char *digest, struct image_record *r)
{
	struct image_record here = {0};
	bool is_whole, is_single, want_single;
	struct err ignored;

	if (image_record_read(data, digest, &here, &ignored) < 0)
		return;
	is_whole = here.layers.n > 0 && r->layers.n > 0;
	is_single = is_whole && strstr(here.layers.v[0], ".1id");
	want_single = is_whole && strstr(r->layers.v[0], ".1id");
	for (size_t i = 0; i < here.layers.n && is_whole; i++)
		is_whole = layer_is_here(data, here.layers.v[i]);
	if (is_whole && is_single == want_single) {
		strv_free(&r->layers);
		strv_copy(&r->layers, &here.layers);
		r->size = here.size;
	}
	image_record_free(&here);
}

static int write_one(int data, struct offer_image *a, struct index *x, struct err *e)
{
	if (write_blob(data, a->record.config + 7, a->config, e) < 0 ||
	    write_blob(data, a->digest + 7, a->manifest, e) < 0)
		return -1;
	keep_layers(data, a->digest, &a->record);
	if (image_record_write(data, a->digest, &a->record, e) < 0)
		return -1;
	for (size_t i = 0; i < a->names.n; i++)
		index_set(x, a->names.v[i], a->digest, strlen(a->manifest));
	index_keep(x, a->digest, strlen(a->manifest));
	return 0;
}

static int sync_folder(int data, const char *name, struct err *e)
{
	auto_fd int fd = openat(data, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_sys(e, "write folder %s to the disk", name);
	return 0;
}

/*
 * Another rlc was first: the same bytes came out, ours go with the scratch folder. Or what stands
 * there is damaged, or an older rlc's: then it is that which goes.
 */
static int publish_layer(int data, const char *from, const char *layer, struct err *e)
{
	auto_free char *to = xasprintf("layers/%s", layer);

	if (renameat(data, from, data, to) == 0)
		return 0;
	if (errno != EEXIST && errno != ENOTEMPTY)
		return err_sys(e, "give layer %s its name", to);
	if (!layer_is_here(data, layer) && renameat2(data, from, data, to, RENAME_EXCHANGE) < 0)
		return err_sys(e, "replace the damaged layer %s", to);
	return 0;
}

/*
 * A folder with a layer in it, closed to other users: with real root's store, the folders above let
 * everybody through.
 */
static int check_made(int data, const char *from, const char *layer, struct err *e)
{
	struct stat st;

	if (!is_sound(data, from) || fstatat(data, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_msg(e, "layer %s: rlc-image says that it made it, and did not", layer);
	if ((st.st_mode & 07777) != 0700)
		return err_msg(e, "layer %s: rlc-image opened it to others", layer);
	return 0;
}

static int check_layers(const struct dirs *d, const struct scratch *scratch, const struct offer *o,
			struct err *e)
{
	for (size_t i = 0; i < o->made.n; i++) {
		auto_free char *from = xasprintf("%s/%zu", scratch->path, i);

		if (check_made(d->data_fd, from, o->made.v[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < o->n; i++)
		for (size_t k = 0; k < o->images[i].record.layers.n; k++) {
			const char *layer = o->images[i].record.layers.v[k];

			if (!strv_has(&o->made, layer) && !layer_is_here(d->data_fd, layer))
				return err_msg(e,
					       "layer %s: rlc-image says that it is here, and "
					       "it is not",
					       layer);
		}
	return 0;
}

/*
 * Layers become visible: rlc-image has them on the disk already. Names of those that were here may
 * not be, if who gave them was killed or has yet to do it.
 */
static int publish_layers(const struct dirs *d, const struct scratch *scratch,
			  const struct offer *o, struct err *e)
{
	for (size_t i = 0; i < o->made.n; i++) {
		auto_free char *from = xasprintf("%s/%zu", scratch->path, i);

		if (publish_layer(d->data_fd, from, o->made.v[i], e) < 0)
			return -1;
	}
	return o->n ? sync_folder(d->data_fd, "layers", e) : 0;
}

/* Opens blob number i: a file, and nothing that leads elsewhere, of the bytes it is called after.
 */
static int open_kept(int data, const char *from, const char *hex, uint64_t size, struct err *e)
{
	auto_fd int fd = openat(data, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char found[DIGEST_HEX];
	uint64_t length;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open %s", from);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_msg(e, "blob %s: rlc-image kept what is no file", hex);
	if ((uint64_t)st.st_size != size)
		return err_msg(e, "blob %s: rlc-image kept %lld bytes, its manifest says %llu", hex,
			       (long long)st.st_size, (unsigned long long)size);
	if (digest_of_file(fd, from, found, &length, e) < 0)
		return -1;
	if (strcmp(found, hex) != 0)
		return err_msg(e, "blob %s: rlc-image kept bytes of digest sha256:%s", hex, found);
	return take_fd(&fd);
}

/* It becomes ours where container root is another uid. One of that name that is here stays. */
static int publish_blob(int data, const char *from, const char *hex, uint64_t size, struct err *e)
{
	auto_free char *to = xasprintf("blobs/sha256/%s", hex);
	auto_fd int fd = open_kept(data, from, hex, size, e);

	if (fd < 0)
		return -1;
	if (fchown(fd, geteuid(), getegid()) < 0 || fchmod(fd, 0644) < 0)
		return err_sys(e, "take over %s", from);
	if (renameat2(data, from, data, to, RENAME_NOREPLACE) == 0 || errno == EEXIST)
		return 0;
	/* File systems without that flag: the bytes are right, whatever they replace. */
	if (errno != EINVAL || renameat(data, from, data, to) < 0)
		return err_sys(e, "give blob %s its name", to);
	return 0;
}

static int publish_blobs(const struct dirs *d, const struct scratch *scratch, const struct offer *o,
			 struct err *e)
{
	if (o->kept.n && make_blobs_folder(d->data_fd, e) < 0)
		return -1;
	for (size_t i = 0; i < o->kept.n; i++) {
		auto_free char *from = xasprintf("%s/blob-%zu", scratch->path, i);
		uint64_t size;

		if (offer_blob_size(o, o->kept.v[i], &size) < 0)
			return err_msg(e, "blob %s is no layer's", o->kept.v[i]);
		if (publish_blob(d->data_fd, from, o->kept.v[i], size, e) < 0)
			return -1;
	}
	return o->kept.n ? sync_folder(d->data_fd, "blobs/sha256", e) : 0;
}

int commit_keep_keys(const struct dirs *d, struct strv *keys, struct err *e)
{
	int fd =
	    openat(d->data_fd, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir DIR *blobs = fd_into_dir(fd);
	struct dirent *entry;

	strv_add(keys, "keep-blobs=1");
	if (!blobs)
		return errno == ENOENT ? 0 : err_sys(e, "list the blobs of the store %s", d->data);
	while ((entry = readdir(blobs)))
		if (strlen(entry->d_name) == 64 && reference_is_id(entry->d_name))
			strv_addf(keys, "blob=%s", entry->d_name);
	return 0;
}

static void tell(const struct offer_image *a, struct strv *names, struct strv *ids)
{
	if (names && a->names.n)
		strv_copy(names, &a->names);
	else if (names)
		strv_add(names, a->record.config + 7);
	if (ids)
		strv_add(ids, a->record.config + 7);
}

static int write_images(const struct dirs *d, const struct offer *o, struct err *e)
{
	auto_fd int lock = lock_index(d->data_fd, e);
	struct index x = {0};
	int rc = 0;

	if (lock < 0 || index_read(d->data_fd, &x, e) < 0)
		return -1;
	for (size_t i = 0; i < o->n && rc == 0; i++)
		rc = write_one(d->data_fd, &o->images[i], &x, e);
	/* All that it leads to is on the disk by now. */
	if (rc == 0)
		rc = index_write(d->data_fd, &x, e);
	index_free(&x);
	return rc;
}

int commit_images(const struct dirs *d, const struct scratch *scratch, const struct offer *o,
		  struct strv *names, struct strv *ids, struct err *e)
{
	if (check_layers(d, scratch, o, e) < 0 || publish_layers(d, scratch, o, e) < 0 ||
	    publish_blobs(d, scratch, o, e) < 0 || write_images(d, o, e) < 0)
		return err_ctx(e, "write into the store %s", d->data);
	for (size_t i = 0; i < o->n; i++)
		tell(&o->images[i], names, ids);
	return 0;
}
