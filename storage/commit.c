/* SPDX-License-Identifier: Apache-2.0 */
/* Makes images that are unpacked known by their names; runs in rlc, as the user. */
#include "storage/commit.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/spec/image.h"
#include "lib/state/dirs.h"
#include "storage/index.h"
#include "storage/layer_record.h"
#include "storage/lock.h"
#include "storage/reference.h"
#include "storage/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

/* One of the answer's images. Strings belong to the JSON. */
struct arrived {
	const char *manifest, *manifest_hex, *origin, *config, *config_hex;
	struct strv names;
	struct image_record record;
};

static void arrived_free(struct arrived *a)
{
	strv_free(&a->names);
	image_record_free(&a->record);
}

/* RFC 3339, as far as images write it: UTC, or with an offset that is of no matter here. */
static int64_t parse_date(const char *text)
{
	struct tm t = {0};

	return text && strptime(text, "%Y-%m-%dT%H:%M:%S", &t) ? (int64_t)timegm(&t) : 0;
}

static int read_created(const struct arrived *a, int64_t *ret, struct err *e)
{
	struct image_config c = {0};

	if (image_config_parse(a->config, strlen(a->config), "the image's configuration", &c, e) <
	    0)
		return -1;
	*ret = parse_date(c.created);
	image_config_free(&c);
	return 0;
}

static bool is_hex_digest(const char *text)
{
	return strlen(text) == 64 && reference_is_id(text);
}

static int read_arrived(struct json_object *o, struct arrived *a, struct err *e)
{
	int64_t size = 0;

	if (json_get_str(o, "manifest", &a->manifest, e) < 0 ||
	    json_get_str(o, "manifest_digest", &a->manifest_hex, e) < 0 ||
	    json_get_str(o, "origin", &a->origin, e) < 0 ||
	    json_get_str(o, "config", &a->config, e) < 0 ||
	    json_get_str(o, "config_digest", &a->config_hex, e) < 0 ||
	    json_get_i64(o, "size", &size, e) < 0 || json_get_strv(o, "names", &a->names, e) < 0 ||
	    json_get_strv(o, "layers", &a->record.layers, e) < 0 ||
	    json_get_strv(o, "blobs", &a->record.blobs, e) < 0)
		return -1;
	/* The digests become names of files: rlc-image has read what strangers made. */
	if (!a->manifest || !a->config || !a->manifest_hex || !is_hex_digest(a->manifest_hex) ||
	    !a->config_hex || !is_hex_digest(a->config_hex))
		return err_msg(e, "rlc-image gave an incomplete answer");
	a->record.config = xasprintf("sha256:%s", a->config_hex);
	if (a->origin && !reference_is_digest(a->origin))
		return err_msg(e, "rlc-image gave an impossible digest");
	a->record.origin = xstrdup_null(a->origin);
	a->record.size = size > 0 ? (uint64_t)size : 0;
	return read_created(a, &a->record.created, e);
}

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

static int write_one(int data, const struct arrived *a, struct index *x, struct err *e)
{
	auto_free char *digest = xasprintf("sha256:%s", a->manifest_hex);

	if (write_blob(data, a->config_hex, a->config, e) < 0 ||
	    write_blob(data, a->manifest_hex, a->manifest, e) < 0 ||
	    image_record_write(data, digest, &a->record, e) < 0)
		return -1;
	for (size_t i = 0; i < a->names.n; i++) {
		struct reference r = {0};

		/* Printed and compared ever after: only what is a name may become one. */
		if (reference_parse(a->names.v[i], &r, e) < 0)
			return -1;
		reference_free(&r);
		index_set(x, a->names.v[i], digest, strlen(a->manifest));
	}
	index_keep(x, digest, strlen(a->manifest));
	return 0;
}

static int commit_one(int data, struct json_object *o, struct index *x, struct strv *names,
		      struct strv *ids, struct err *e)
{
	struct arrived a = {0};
	int rc = read_arrived(o, &a, e);

	if (rc == 0)
		rc = write_one(data, &a, x, e);
	if (rc == 0 && names) {
		strv_copy(names, &a.names);
		if (a.names.n == 0)
			strv_add(names, a.config_hex);
	}
	if (rc == 0 && ids)
		strv_add(ids, a.config_hex);
	arrived_free(&a);
	return rc;
}

static int sync_folder(int data, const char *name, struct err *e)
{
	auto_fd int fd = openat(data, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_sys(e, "write folder %s to the disk", name);
	return 0;
}

/*
 * What rlc-image would take from the shelf: it has a tree, and a record of this format. What a
 * newer rlc left is not ours to judge.
 */
static bool is_sound(int data, const char *layer)
{
	auto_free char *path = xasprintf("layers/%s", layer);
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
	if (!is_sound(data, layer) && renameat2(data, from, data, to, RENAME_EXCHANGE) < 0)
		return err_sys(e, "replace the damaged layer %s", to);
	return 0;
}

/* Layers become visible: rlc-image has them on the disk already. */
static int publish_layers(const struct dirs *d, const struct scratch *scratch,
			  struct json_object *answer, struct err *e)
{
	auto_strv struct strv made = {0};

	if (json_get_strv(answer, "made", &made, e) < 0)
		return -1;
	for (size_t i = 0; i < made.n; i++) {
		auto_free char *from = xasprintf("%s/%zu", scratch->path, i);

		if (!index_is_layer_name(made.v[i]))
			return err_msg(e, "rlc-image named a layer impossibly");
		if (publish_layer(d->data_fd, from, made.v[i], e) < 0)
			return -1;
	}
	return made.n ? sync_folder(d->data_fd, "layers", e) : 0;
}

/* A file, and nothing that leads elsewhere. It becomes ours where container root is another uid. */
static int publish_blob(int data, const char *from, const char *hex, struct err *e)
{
	auto_free char *to = xasprintf("blobs/sha256/%s", hex);
	auto_fd int fd = openat(data, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open %s", from);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_msg(e, "rlc-image kept a blob that is no file");
	if (fchown(fd, geteuid(), getegid()) < 0 || fchmod(fd, 0644) < 0 ||
	    renameat(data, from, data, to) < 0)
		return err_sys(e, "give blob %s its name", to);
	return 0;
}

static int publish_blobs(const struct dirs *d, const struct scratch *scratch,
			 struct json_object *answer, struct err *e)
{
	auto_strv struct strv kept = {0};

	if (json_get_strv(answer, "kept", &kept, e) < 0)
		return -1;
	if (kept.n && make_blobs_folder(d->data_fd, e) < 0)
		return -1;
	for (size_t i = 0; i < kept.n; i++) {
		auto_free char *from = xasprintf("%s/blob-%zu", scratch->path, i);

		if (!is_hex_digest(kept.v[i]))
			return err_msg(e, "rlc-image named a blob impossibly");
		if (publish_blob(d->data_fd, from, kept.v[i], e) < 0)
			return -1;
	}
	return kept.n ? sync_folder(d->data_fd, "blobs/sha256", e) : 0;
}

int commit_keep_keys(const struct dirs *d, struct strv *keys, struct err *e)
{
	int fd =
	    openat(d->data_fd, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir DIR *blobs = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	strv_add(keys, "keep-blobs=1");
	if (!blobs) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT ? 0 : err_sys(e, "list the blobs of the store %s", d->data);
	}
	while ((entry = readdir(blobs)))
		if (is_hex_digest(entry->d_name))
			strv_addf(keys, "blob=%s", entry->d_name);
	return 0;
}

static int commit(const struct dirs *d, struct json_object *answer, struct strv *names,
		  struct strv *ids, struct err *e)
{
	auto_fd int lock = lock_index(d->data_fd, e);
	struct json_object *list = NULL;
	struct index x = {0};
	int rc = -1;

	if (lock < 0 || json_get_array(answer, "images", &list, e) < 0 ||
	    index_read(d->data_fd, &x, e) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (commit_one(d->data_fd, json_object_array_get_idx(list, i), &x, names, ids, e) <
		    0)
			goto out;
	/* All that it leads to is on the disk by now. */
	rc = index_write(d->data_fd, &x, e);
out:
	index_free(&x);
	return rc;
}

int commit_images(const struct dirs *d, const struct scratch *scratch, struct json_object *answer,
		  struct strv *names, struct strv *ids, struct err *e)
{
	if (publish_layers(d, scratch, answer, e) < 0 || publish_blobs(d, scratch, answer, e) < 0 ||
	    commit(d, answer, names, ids, e) < 0)
		return err_ctx(e, "write into the store %s", d->data);
	return 0;
}
