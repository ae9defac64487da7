/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a blob to a folder under layers/. Its name is the digest of the *compressed* blob, which the
 * manifest pins: a diff id is only a claim until it was computed, and must not choose the folder
 * that another image then shares. In rlc-image.
 */
#include "storage/layer.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/inflate.h"
#include "storage/layer_record.h"
#include "storage/remove.h"
#include "storage/stream.h"
#include "storage/tar.h"

#include <fcntl.h>
#include <sys/stat.h>

void layers_begin(struct layers *l, int store, struct scratch *scratch,
		  const struct unpack_ids *ids)
{
	*l = (struct layers){.store = store, .scratch = scratch, .ids = ids};
}

static struct layer *append(struct layers *l)
{
	l->v = xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n] = (struct layer){.fd = -1};
	return &l->v[l->n++];
}

static void layer_free(struct layer *y)
{
	free(y->folder);
	strv_free(&y->inherits);
	if (y->fd >= 0)
		close(y->fd);
}

/* Roots of the layers below number n, for the unpacker. Owned by the caller. */
static int *roots_below(const struct layers *l, size_t n)
{
	int *roots = xcalloc(n, sizeof(*roots));

	for (size_t i = 0; i < n; i++)
		roots[i] = l->v[i].fd;
	return roots;
}

/*
 * The folder's name: with a single id, owners are squashed, so it is another folder. `depends`: it
 * holds something of the layers below, and is good above these only.
 */
static char *folder_name(const struct layers *l, const char *hex, size_t n_below, bool depends)
{
	auto_str struct str below = {0};
	char chain[DIGEST_HEX];

	if (!depends)
		return xasprintf("%s%s", hex, l->ids->single ? ".1id" : "");
	for (size_t i = 0; i < n_below; i++)
		str_addf(&below, "%s\n", l->v[i].folder);
	digest_of(str_get(&below), below.len, chain);
	return xasprintf("%s%s.%.32s", hex, l->ids->single ? ".1id" : "", chain);
}

static int open_root(const struct layers *l, const char *folder)
{
	return openat(l->store, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whether a layer that was unpacked elsewhere would come out the same above these layers. */
static bool fits(const struct layers *l, const struct layer_record *r)
{
	auto_free int *roots = roots_below(l, l->n);
	struct lower lower = {.layers = roots, .n = l->n};

	if (l->n == 0 && r->whiteouts)
		return false;
	for (size_t i = 0; i < r->inherits.n; i++)
		if (lower_folder_differs(&lower, r->inherits.v[i]))
			return false;
	return true;
}

/* Looks for one folder; what it lacks of a record makes it as good as absent. */
static bool reuse(struct layers *l, const char *hex, bool depends)
{
	auto_free char *folder = folder_name(l, hex, l->n, depends);
	auto_fd int fd = open_root(l, folder);
	struct layer_record r = {0};
	struct err ignored;
	struct layer *y;
	bool good;

	if (fd < 0 || layer_record_read(l->store, folder, &r, &ignored) < 0)
		return false;
	good = depends || fits(l, &r);
	if (good) {
		y = append(l);
		y->folder = take_ptr(folder);
		y->fd = take_fd(&fd);
		y->size = r.size;
		snprintf(y->hex, sizeof(y->hex), "%s", hex);
		snprintf(y->diff_id, sizeof(y->diff_id), "%s",
			 r.diff_id + (str_starts(r.diff_id, "sha256:") ? 7 : 0));
	}
	layer_record_free(&r);
	return good;
}

static int check_diff_id(const struct layer_blob *blob, const char *hex, struct err *e)
{
	if (!blob->diff_id || strcmp(blob->diff_id + 7, hex) == 0)
		return 0;
	return err_msg(e, "%s unpacks to sha256:%s, but the image's configuration says %s",
		       blob->name, hex, blob->diff_id);
}

int layers_reuse(struct layers *l, const struct layer_blob *blob, struct err *e)
{
	if (!blob->hex || (!reuse(l, blob->hex, true) && !reuse(l, blob->hex, false)))
		return 0;
	if (check_diff_id(blob, l->v[l->n - 1].diff_id, e) < 0)
		return -1;
	l->v[l->n - 1].blob_size = blob->size == DIGEST_ANY_SIZE ? 0 : blob->size;
	return 1;
}

static const char *media_type(enum inflate_format format)
{
	switch (format) {
	case INFLATE_GZIP:
		return "application/vnd.oci.image.layer.v1.tar+gzip";
	case INFLATE_ZSTD:
		return "application/vnd.oci.image.layer.v1.tar+zstd";
	case INFLATE_NONE:
	case INFLATE_XZ:
	case INFLATE_BZIP2:
		break;
	}
	return "application/vnd.oci.image.layer.v1.tar";
}

/* blob → verify → inflate → verify, each on a thread of its own, and the unpacker at the end. */
static int unpack_stream(struct layers *l, struct layer *y, struct stream *source,
			 const struct layer_blob *blob, struct unpack_report *report, struct err *e)
{
	auto_free int *roots = roots_below(l, l->n - 1);
	struct digest_result packed, plain;
	enum inflate_format format;
	struct unpack u = {
	    .root = y->fd,
	    .lower = {.layers = roots, .n = l->n - 1},
	    .limits = unpack_limits_default,
	    .ids = *l->ids,
	};
	struct stream *s;
	struct tar *t;
	int rc;

	s = stream_verify(source, blob->name, blob->hex, blob->size, &packed);
	s = stream_inflate(stream_ahead(s), blob->name, &format, e);
	if (!s)
		return -1;
	s = stream_ahead(stream_verify(stream_ahead(s), blob->name, NULL, DIGEST_ANY_SIZE, &plain));
	t = tar_new(s);
	rc = unpack_layer(&u, t, report, e);
	tar_free(t);
	stream_free(s);
	if (rc < 0)
		return err_ctx(e, "%s", blob->name);
	memcpy(y->hex, packed.hex, sizeof(y->hex));
	memcpy(y->diff_id, plain.hex, sizeof(y->diff_id));
	y->blob_size = packed.size;
	y->media_type = media_type(format);
	return check_diff_id(blob, plain.hex, e);
}

static int make_root(struct layers *l, struct layer *y, struct err *e)
{
	snprintf(y->scratch_name, sizeof(y->scratch_name), "%u", l->scratch->made++);
	if (mkdirat(l->scratch->fd, y->scratch_name, 0755) < 0)
		return err_sys(e, "make a folder in tmp/%s", l->scratch->name);
	y->fd = openat(l->scratch->fd, y->scratch_name,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return y->fd < 0 ? err_sys(e, "open a folder in tmp/%s", l->scratch->name) : 0;
}

int layers_add(struct layers *l, struct stream *source, const struct layer_blob *blob,
	       struct err *e)
{
	struct unpack_report report = {0};
	struct layer *y = append(l);
	int rc;

	if (make_root(l, y, e) < 0) {
		stream_free(source);
		return -1;
	}
	rc = unpack_stream(l, y, source, blob, &report, e);
	if (rc == 0) {
		y->folder = folder_name(l, y->hex, l->n - 1, report.depends);
		y->size = report.bytes;
		y->entries = report.entries;
		y->whiteouts = report.whiteouts;
		y->inherits = report.inherits;
		report.inherits = (struct strv){0};
		l->devices += report.devices;
		l->xattrs += report.xattrs;
		l->squashed += report.squashed;
	}
	unpack_report_free(&report);
	return rc;
}

static int write_record(struct layers *l, struct layer *y, struct err *e)
{
	struct layer_record r = {
	    .diff_id = xasprintf("sha256:%s", y->diff_id),
	    .size = y->size,
	    .entries = y->entries,
	    .whiteouts = y->whiteouts,
	    .inherits = y->inherits, /* lent */
	};
	int rc = layer_record_write(l->scratch->fd, y->scratch_name, &r, e);

	free(r.diff_id);
	return rc;
}

/* The record first: a folder without one is not taken for a layer. */
static int publish(struct layers *l, struct layer *y, struct err *e)
{
	auto_free char *from = xasprintf("%s.json", y->scratch_name);
	auto_free char *to = xasprintf("%s.json", y->folder);

	if (renameat(l->scratch->fd, from, l->store, to) < 0)
		return err_sys(e, "give the record of layer %s its name", y->folder);
	if (renameat(l->scratch->fd, y->scratch_name, l->store, y->folder) == 0)
		return 0;
	/* Another rlc was first: the same bytes came out, ours go with the scratch folder. */
	if (errno == EEXIST || errno == ENOTEMPTY)
		return 0;
	return err_sys(e, "give layer %s its name", y->folder);
}

int layers_commit(struct layers *l, struct err *e)
{
	bool unpacked = false;

	for (size_t i = 0; i < l->n; i++) {
		if (!l->v[i].scratch_name[0])
			continue;
		unpacked = true;
		if (write_record(l, &l->v[i], e) < 0)
			return -1;
	}
	if (!unpacked)
		return 0;
	/* A name must never show a layer that a power cut then finds half empty. */
	if (syncfs(l->scratch->fd) < 0)
		return err_sys(e, "write the layers to the disk");
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].scratch_name[0] && publish(l, &l->v[i], e) < 0)
			return -1;
	return fsync(l->store) < 0 ? err_sys(e, "sync folder layers") : 0;
}

void layers_free(struct layers *l)
{
	for (size_t i = 0; i < l->n; i++)
		layer_free(&l->v[i]);
	free(l->v);
	*l = (struct layers){0};
}
