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
#include "storage/stream.h"
#include "storage/tar.h"

#include <fcntl.h>

static struct layer *append(struct layers *l)
{
	l->v = xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n] = (struct layer){.fs = -1};
	return &l->v[l->n++];
}

static void layer_free(struct layer *y)
{
	free(y->folder);
	if (y->fs >= 0)
		close(y->fs);
}

/* Roots of the layers below number n, for the unpacker. Owned by the caller. */
static int *roots_below(const struct layers *l, size_t n)
{
	int *roots = xcalloc(n, sizeof(*roots));

	for (size_t i = 0; i < n; i++)
		roots[i] = l->v[i].fs;
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
		return xasprintf("%s%s", hex, l->shelf->ids.single ? ".1id" : "");
	for (size_t i = 0; i < n_below; i++)
		str_addf(&below, "%s\n", l->v[i].folder);
	digest_of(str_get(&below), below.len, chain);
	return xasprintf("%s%s.%.32s", hex, l->shelf->ids.single ? ".1id" : "", chain);
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
	auto_free char *name = folder_name(l, hex, l->n, depends);
	auto_fd int folder = shelf_find(l->shelf, name), fs = -1;
	struct layer_record r = {0};
	struct err ignored;
	struct layer *y;
	bool good;

	if (folder < 0 || layer_record_read(folder, &r, &ignored) < 0)
		return false;
	fs = openat(folder, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	good = fs >= 0 && (depends || fits(l, &r));
	if (good) {
		y = append(l);
		y->folder = take_ptr(name);
		y->fs = take_fd(&fs);
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
	    .root = y->fs,
	    .lower = {.layers = roots, .n = l->n - 1},
	    .limits = unpack_limits_default,
	    .ids = l->shelf->ids,
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

static int write_record(const struct layer *y, int folder, const struct unpack_report *report,
			struct err *e)
{
	struct layer_record r = {
	    .diff_id = xasprintf("sha256:%s", y->diff_id),
	    .size = report->bytes,
	    .entries = report->entries,
	    .whiteouts = report->whiteouts,
	    .inherits = report->inherits, /* lent */
	};
	int rc = layer_record_write(folder, &r, e);

	free(r.diff_id);
	return rc;
}

/* What was unpacked gets its record and its name. */
static int finish(struct layers *l, struct layer *y, int folder, const struct unpack_report *report,
		  struct err *e)
{
	if (write_record(y, folder, report, e) < 0)
		return -1;
	y->folder = folder_name(l, y->hex, l->n - 1, report->depends);
	y->size = report->bytes;
	shelf_name(l->shelf, y->folder);
	l->devices += report->devices;
	l->xattrs += report->xattrs;
	l->squashed += report->squashed;
	return 0;
}

int layers_add(struct layers *l, struct stream *source, const struct layer_blob *blob,
	       struct err *e)
{
	struct unpack_report report = {0};
	struct layer *y = append(l);
	auto_fd int folder = -1;
	int rc;

	if (shelf_make(l->shelf, &folder, &y->fs, e) < 0) {
		stream_free(source);
		return -1;
	}
	rc = unpack_stream(l, y, source, blob, &report, e);
	if (rc == 0)
		rc = finish(l, y, folder, &report, e);
	unpack_report_free(&report);
	return rc;
}

void layers_free(struct layers *l)
{
	for (size_t i = 0; i < l->n; i++)
		layer_free(&l->v[i]);
	free(l->v);
	*l = (struct layers){0};
}
