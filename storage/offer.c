/* SPDX-License-Identifier: Apache-2.0 */
/* Judges what rlc-image answers: pure functions over untrusted JSON. In rlc. */
#include "storage/offer.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/spec/image.h"
#include "storage/digest.h"
#include "storage/reference.h"

#include <time.h>

/* No image that is well meant leads here. */
static int refuse(struct err *e)
{
	err_ctx(e, "rlc-image's answer was refused");
	return err_hint(e, "nothing was kept: the image may be made to take rlc-image over; do not "
			   "use it, and tell whoever keeps it");
}

/* What names and texts of another process may show of themselves. */
static char *shown(const char *text)
{
	auto_str struct str s = {0};

	str_add_visible(&s, text);
	return str_take(&s);
}

/* RFC 3339, as far as images write it: UTC, or with an offset that is of no matter here. */
static int64_t parse_date(const char *text)
{
	struct tm t = {0};

	return text && strptime(text, "%Y-%m-%dT%H:%M:%S", &t) ? (int64_t)timegm(&t) : 0;
}

/* ---- documents ---- */

static char *digest_text(const char *text)
{
	char hex[DIGEST_HEX];

	digest_of(text, strlen(text), hex);
	return xasprintf("sha256:%s", hex);
}

/* The entry that an index has for the platform must be the next document. */
static int check_step(const char *index, const char *next, const struct platform *p, struct err *e)
{
	auto_free const struct descriptor **list = NULL;
	auto_free char *digest = digest_text(next);
	struct descriptors d = {0};
	int best;

	if (manifest_parse_index(index, strlen(index), "its index", &d, e) < 0)
		return -1;
	list = xcalloc(d.n, sizeof(*list));
	best = platform_choose(p, list, descriptors_documents(&d, list));
	if (best < 0)
		err_msg(e, "its index has nothing for linux/%s", p->architecture);
	else if (strcmp(list[best]->digest, digest) != 0 || list[best]->size != strlen(next))
		best = err_msg(e, "its index leads to %s, and what follows is %s",
			       list[best]->digest, digest);
	descriptors_free(&d);
	return best < 0 ? -1 : 0;
}

/* Appends each document's digest to *digests. */
static int check_chain(const struct strv *documents, const struct offer_terms *t,
		       struct strv *digests, struct err *e)
{
	if (documents->n == 0 || documents->n > INDEX_DEPTH_MAX + 1)
		return err_msg(e, "an image of %zu documents", documents->n);
	for (size_t i = 0; i < documents->n; i++) {
		if (strlen(documents->v[i]) > MANIFEST_MAX)
			return err_msg(e, "a document of more than %d MiB", MANIFEST_MAX >> 20);
		strv_take(digests, digest_text(documents->v[i]));
		if (i && check_step(documents->v[i - 1], documents->v[i], &t->platform, e) < 0)
			return -1;
	}
	return 0;
}

static int read_manifest(const struct strv *documents, const struct strv *digests,
			 struct offer_image *image, struct err *e)
{
	const char *text = documents->v[documents->n - 1], *digest = digests->v[digests->n - 1];

	if (manifest_parse(text, strlen(text), "its manifest", &image->parts, e) < 0)
		return -1;
	image->manifest = manifest_translate(&image->parts);
	if (image->manifest) {
		auto_free char *ours = digest_text(image->manifest);

		image->record.origin = xstrdup(digest);
		memcpy(image->digest, ours, sizeof(image->digest));
	} else {
		image->manifest = xstrdup(text);
		memcpy(image->digest, digest, sizeof(image->digest));
	}
	return 0;
}

static int check_config(struct offer_image *image, const char *text, const struct offer_terms *t,
			struct err *e)
{
	const struct descriptor *d = &image->parts.config;
	struct image_config c = {0};
	bool fits;

	if (strlen(text) != d->size)
		return err_msg(e, "a configuration of %zu bytes, where its manifest says %llu",
			       strlen(text), (unsigned long long)d->size);
	image->record.config = digest_text(text);
	if (strcmp(image->record.config, d->digest) != 0)
		return err_msg(e, "a configuration %s, where its manifest says %s",
			       image->record.config, d->digest);
	if (image_config_parse(text, strlen(text), "its configuration", &c, e) < 0)
		return -1;
	image->config = xstrdup(text);
	image->record.created = parse_date(c.created);
	fits = !t->platform_asked || platform_fits(&t->platform, c.architecture, c.variant);
	image_config_free(&c);
	return fits ? 0 : err_msg(e, "an image for another platform than was asked for");
}

/* ---- names ---- */

/* Printed and compared ever after: only what is a full name may become one. */
static int check_name(const char *name, const struct strv *digests, const struct offer_terms *t,
		      struct err *e)
{
	auto_free char *visible = shown(name), *full = NULL, *digest = NULL;
	struct reference r = {0};

	if (!t->any_name && (!t->name || strcmp(name, t->name) != 0))
		return err_msg(e, "it would give the name %.300s, and %s was asked for", visible,
			       t->name ? t->name : "no name");
	if (reference_parse(name, &r, e) < 0)
		return -1;
	full = reference_full(&r);
	digest = xstrdup_null(r.digest);
	reference_free(&r);
	if (strcmp(full, name) != 0)
		return err_msg(e, "%.300s is no full name", visible);
	if (digest && !strv_has(digests, digest))
		return err_msg(e, "what it calls %.300s has digest %s", visible,
			       digests->v[digests->n - 1]);
	return 0;
}

static int check_names(const struct offer_image *image, const struct strv *digests,
		       const struct offer_terms *t, struct err *e)
{
	for (size_t i = 0; i < image->names.n; i++)
		if (check_name(image->names.v[i], digests, t, e) < 0)
			return -1;
	if (t->is_one && image->names.n != (t->name ? 1 : 0))
		return err_msg(e, "an image of %zu names, where %s was asked for", image->names.n,
			       t->name ? t->name : "none");
	return 0;
}

/* ---- layers ---- */

/* "HEX", with a single id "HEX.1id", then ".CHAIN" where it depends on those below (layer.c). */
static bool is_folder_of(const char *folder, const char *digest, bool single)
{
	static const char one[] = ".1id";

	if (!str_starts(folder, digest + 7))
		return false;
	folder += 64;
	if (single && !str_starts(folder, one))
		return false;
	folder += single ? sizeof(one) - 1 : 0;
	return !*folder ||
	       (*folder == '.' && strlen(folder + 1) == 32 && reference_is_id(folder + 1));
}

/*
 * The folders are the manifest's layers, in their order, up to the highest. A layer that stands
 * twice may be left out where it stands lower; what lies below a layer that hides all of it is left
 * out together.
 */
static int check_layers(const struct offer_image *image, const struct offer_terms *t, struct err *e)
{
	const struct descriptors *d = &image->parts.layers;
	const struct strv *folders = &image->record.layers;
	size_t n = d->n;

	for (size_t i = folders->n; i-- > 0;) {
		const char *folder = folders->v[i];
		auto_free char *visible = shown(folder);

		while (n && !is_folder_of(folder, d->v[n - 1].digest, t->is_single)) {
			bool repeats = false;

			for (size_t k = i + 1; k < folders->n; k++)
				repeats |= str_starts(folders->v[k], d->v[n - 1].digest + 7);
			if (!repeats)
				break;
			n--;
		}
		if (n == 0 || !is_folder_of(folder, d->v[n - 1].digest, t->is_single))
			return err_msg(e, "layer %.120s is not what its manifest says", visible);
		n--;
	}
	return folders->n || d->n == 0 ? 0 : err_msg(e, "an image without its layers");
}

static bool is_made_for(const struct offer *o, const char *folder, bool single)
{
	for (size_t i = 0; i < o->n; i++)
		for (size_t k = 0; k < o->images[i].parts.layers.n; k++)
			if (is_folder_of(folder, o->images[i].parts.layers.v[k].digest, single))
				return true;
	return false;
}

int offer_blob_size(const struct offer *o, const char *hex, uint64_t *ret)
{
	for (size_t i = 0; i < o->n; i++)
		for (size_t k = 0; k < o->images[i].parts.layers.n; k++) {
			const struct descriptor *d = &o->images[i].parts.layers.v[k];

			if (strcmp(d->digest + 7, hex) != 0)
				continue;
			*ret = d->size;
			return 0;
		}
	return -1;
}

static int check_files(const struct offer *o, const struct offer_terms *t, struct err *e)
{
	size_t layers = 0;
	uint64_t size;

	for (size_t i = 0; i < o->n; i++)
		layers += o->images[i].parts.layers.n;
	if (o->made.n > layers || o->kept.n > layers)
		return err_msg(e, "it made more layers or blobs than its images have");
	for (size_t i = 0; i < o->made.n; i++)
		if (!is_made_for(o, o->made.v[i], t->is_single)) {
			auto_free char *visible = shown(o->made.v[i]);

			return err_msg(e, "it made layer %.120s, which is no image's", visible);
		}
	if (o->kept.n && !t->keeps_blobs)
		return err_msg(e, "it kept blobs that nobody asked for");
	for (size_t i = 0; i < o->kept.n; i++)
		if (offer_blob_size(o, o->kept.v[i], &size) < 0) {
			auto_free char *visible = shown(o->kept.v[i]);

			return err_msg(e, "it kept blob %.120s, which is no image's", visible);
		}
	return 0;
}

/* ---- the answer ---- */

static void add_blobs(struct offer_image *image)
{
	for (size_t i = 0; i < image->parts.layers.n; i++)
		strv_add(&image->record.blobs, image->parts.layers.v[i].digest + 7);
}

static int read_image(struct json_object *o, const struct offer_terms *t, struct offer_image *image,
		      struct err *e)
{
	auto_strv struct strv documents = {0}, digests = {0};
	const char *config = NULL;
	int64_t size = 0;

	if (json_get_strv(o, "documents", &documents, e) < 0 ||
	    json_get_str(o, "config", &config, e) < 0 || json_get_i64(o, "size", &size, e) < 0 ||
	    json_get_strv(o, "names", &image->names, e) < 0 ||
	    json_get_strv(o, "layers", &image->record.layers, e) < 0)
		return -1;
	if (!config)
		return err_msg(e, "an image without a configuration");
	image->record.size = size > 0 ? (uint64_t)size : 0;
	if (check_chain(&documents, t, &digests, e) < 0 ||
	    read_manifest(&documents, &digests, image, e) < 0 ||
	    check_config(image, config, t, e) < 0 || check_names(image, &digests, t, e) < 0 ||
	    check_layers(image, t, e) < 0)
		return -1;
	if (t->keeps_blobs)
		add_blobs(image);
	return 0;
}

/* n: images. First of all: what was not asked for costs no time. */
static int check_count(const struct offer *o, size_t n, const struct offer_terms *t, struct err *e)
{
	if (o->is_here && !t->may_be_here)
		return err_msg(e, "it calls unchanged what is not here");
	if (o->is_here && (n || o->made.n || o->kept.n))
		return err_msg(e, "it calls unchanged what it brings");
	if (t->is_one && n != (o->is_here ? 0 : 1))
		return err_msg(e, "%zu images, where one was asked for", n);
	return 0;
}

static int read_offer(struct json_object *answer, const struct offer_terms *t, struct offer *o,
		      struct err *e)
{
	struct json_object *list = NULL;
	size_t n;

	if (json_get_bool(answer, "unchanged", &o->is_here, e) < 0 ||
	    json_get_strv(answer, "made", &o->made, e) < 0 ||
	    json_get_strv(answer, "kept", &o->kept, e) < 0 ||
	    json_get_array(answer, "images", &list, e) < 0)
		return -1;
	n = list ? json_object_array_length(list) : 0;
	if (check_count(o, n, t, e) < 0)
		return -1;
	o->images = xcalloc(n, sizeof(*o->images));
	while (o->n < n) {
		struct json_object *image = json_object_array_get_idx(list, o->n);

		if (read_image(image, t, &o->images[o->n++], e) < 0)
			return -1;
	}
	return check_files(o, t, e);
}

int offer_read(struct json_object *answer, const struct offer_terms *t, struct offer *ret,
	       struct err *e)
{
	struct offer o = {0};

	if (read_offer(answer, t, &o, e) < 0) {
		offer_free(&o);
		return refuse(e);
	}
	*ret = o;
	return 0;
}

void offer_free(struct offer *o)
{
	for (size_t i = 0; i < o->n; i++) {
		free(o->images[i].manifest);
		free(o->images[i].config);
		manifest_free(&o->images[i].parts);
		strv_free(&o->images[i].names);
		image_record_free(&o->images[i].record);
	}
	free(o->images);
	strv_free(&o->made);
	strv_free(&o->kept);
	*o = (struct offer){0};
}
