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

void layer_free(struct layer *y)
{
	free(y->folder);
	if (y->fs >= 0)
		close(y->fs);
}

/* With a single id, owners are squashed, so it is another folder. */
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

char *layer_name(const struct layers *l, size_t i, bool depends)
{
	return folder_name(l, l->v[i].hex, i, depends);
}

/* Whether a layer that was unpacked elsewhere would come out the same above these layers. */
static bool fits(const struct layers *l, size_t i, const struct layer_record *r)
{
	auto_free int *roots = xcalloc(i, sizeof(*roots));
	struct lower lower = {.layers = roots, .n = i};

	for (size_t k = 0; k < i; k++)
		roots[k] = l->v[k].fs;
	for (size_t k = 0; k < r->inherits.n; k++)
		if (lower_folder_differs(&lower, r->inherits.v[k]))
			return false;
	return true;
}

static void take_found(struct layer *y, const struct layer_blob *blob, const struct layer_record *r)
{
	y->size = r->size;
	y->blob_size = blob->size == DIGEST_ANY_SIZE ? 0 : blob->size;
	y->diff_id_is_claim = r->diff_id_is_claim;
	y->hides_all = r->hides_all;
	snprintf(y->hex, sizeof(y->hex), "%s", blob->hex);
	snprintf(y->diff_id, sizeof(y->diff_id), "%s",
		 r->diff_id + (str_starts(r->diff_id, "sha256:") ? 7 : 0));
}

/* Looks for one folder. */
static int find(struct layers *l, size_t i, const struct layer_blob *blob, char *name,
		bool must_fit, bool below_is_known, struct err *e)
{
	auto_fd int folder = shelf_find(l->shelf, name), fs = -1;
	struct layer_record r = {0};
	int rc = LAYER_ABSENT;

	if (folder < 0)
		return LAYER_ABSENT;
	fs = openat(folder, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (layer_record_read(folder, &r, e) < 0)
		return layer_record_is_newer(e) ? err_ctx(e, "layer %s", name) : LAYER_ABSENT;
	if (fs >= 0 && !(must_fit && i == 0 && r.whiteouts)) {
		if (must_fit && i && r.inherits.n && !below_is_known)
			rc = LAYER_ASK_AGAIN;
		else if (!must_fit || fits(l, i, &r))
			rc = LAYER_FOUND;
	}
	if (rc == LAYER_FOUND) {
		xstr_set(&l->v[i].folder, name);
		l->v[i].fs = take_fd(&fs);
		take_found(&l->v[i], blob, &r);
	}
	layer_record_free(&r);
	return rc;
}

static int check_diff_id(const struct layer_blob *blob, const char *hex, struct err *e)
{
	if (!blob->diff_id || strcmp(blob->diff_id + 7, hex) == 0)
		return 0;
	return err_msg(e, "%s unpacks to sha256:%s, but the image's configuration says %s",
		       blob->name, hex, blob->diff_id);
}

int layer_find(struct layers *l, size_t i, const struct layer_blob *blob, bool below_is_known,
	       struct err *e)
{
	auto_free char *plain = NULL, *chained = NULL;
	int rc = LAYER_ABSENT;

	if (!blob->hex)
		return LAYER_ABSENT;
	if (below_is_known) {
		chained = folder_name(l, blob->hex, i, true);
		rc = find(l, i, blob, chained, false, true, e);
	}
	if (rc == LAYER_ABSENT) {
		plain = folder_name(l, blob->hex, i, false);
		rc = find(l, i, blob, plain, true, below_is_known, e);
	}
	/* A claim that is on record came from another image: it proves nothing about this one. */
	if (rc == LAYER_FOUND && !l->v[i].diff_id_is_claim &&
	    check_diff_id(blob, l->v[i].diff_id, e) < 0)
		return -1;
	return rc;
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

/* What a chain of streams leaves behind. */
struct outcome {
	struct digest_result packed, plain;
	enum inflate_format format;
};

/* blob → verify → inflate [→ verify], each on a thread of its own. NULL on error. */
static struct stream *make_chain(const struct layer_blob *blob, struct stream *source,
				 struct outcome *o, struct err *e)
{
	struct stream *s = stream_verify(source, blob->name, blob->hex, blob->size, &o->packed);

	s = stream_inflate(stream_ahead(s), blob->name, &o->format, e);
	if (!s)
		return NULL;
	if (!blob->diff_id_is_claim)
		s = stream_verify(stream_ahead(s), blob->name, NULL, DIGEST_ANY_SIZE, &o->plain);
	return stream_ahead(s);
}

static int write_record(const struct layer *y, int folder, const struct unpack_report *report,
			struct err *e)
{
	struct layer_record r = {
	    .diff_id = xasprintf("sha256:%s", y->diff_id),
	    .diff_id_is_claim = y->diff_id_is_claim,
	    .size = report->bytes,
	    .entries = report->entries,
	    .whiteouts = report->whiteouts,
	    .hides_all = report->hides_all,
	    .names = report->names_known ? (int64_t)report->names : -1,
	    .inherits = report->inherits, /* lent */
	};
	int rc = layer_record_write(folder, &r, e);

	free(r.diff_id);
	return rc;
}

static int take_outcome(struct layer *y, const struct layer_blob *blob, const struct outcome *o,
			const struct unpack_report *report, struct err *e)
{
	memcpy(y->hex, o->packed.hex, sizeof(y->hex));
	y->blob_size = o->packed.size;
	y->media_type = media_type(o->format);
	y->size = report->bytes;
	y->devices = report->devices;
	y->xattrs = report->xattrs;
	y->squashed = report->squashed;
	y->hides_all = report->hides_all;
	y->diff_id_is_claim = blob->diff_id_is_claim;
	snprintf(y->diff_id, sizeof(y->diff_id), "%s",
		 blob->diff_id_is_claim ? blob->diff_id + 7 : o->plain.hex);
	return check_diff_id(blob, y->diff_id, e);
}

int layer_unpack(struct layers *l, size_t i, const struct layer_blob *blob, struct stream *source,
		 const struct lower *lower, int folder, bool *ret_depends, struct err *e)
{
	struct unpack_report report = {0};
	struct layer *y = &l->v[i];
	struct unpack u = {
	    .root = y->fs,
	    .lower = *lower,
	    .limits = unpack_limits_default,
	    .ids = l->shelf->ids,
	};
	struct outcome o = {0};
	auto_stream struct stream *s = make_chain(blob, source, &o, e);
	struct tar *t;
	int rc;

	if (!s)
		return -1;
	t = tar_new(s);
	rc = unpack_layer(&u, t, &report, e);
	tar_free(t);
	if (rc < 0)
		err_ctx(e, "%s", blob->name);
	if (rc == 0)
		rc = take_outcome(y, blob, &o, &report, e);
	if (rc == 0)
		rc = write_record(y, folder, &report, e);
	*ret_depends = report.depends;
	unpack_report_free(&report);
	return rc;
}

int layer_check_blob(const struct layer_blob *blob, struct stream *source, struct err *e)
{
	struct outcome o = {0};
	auto_stream struct stream *s =
	    blob->diff_id_is_claim
		? stream_verify(source, blob->name, blob->hex, blob->size, &o.packed)
		: make_chain(blob, source, &o, e);
	const unsigned char *bytes;
	ssize_t n = -1;

	while (s && (n = s->next(s, &bytes, e)) > 0)
		;
	if (n < 0)
		return -1;
	return blob->diff_id_is_claim ? 0 : check_diff_id(blob, o.plain.hex, e);
}
