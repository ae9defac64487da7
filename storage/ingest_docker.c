/* SPDX-License-Identifier: Apache-2.0 */
/* Intake of `docker save`'s archive: layers become an OCI image's. In rlc-image. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/spec/image.h"
#include "storage/inflate.h"
#include "storage/ingest.h"
#include "storage/layers.h"
#include "storage/manifest.h"
#include "storage/reference.h"
#include "storage/source.h"
#include "storage/stream.h"

/* Some writers compress the layers of the archive; a plain one is named by its diff id. */
static int is_plain(struct source *s, const char *path, bool *ret, struct err *e)
{
	auto_stream struct stream *in = NULL;
	const unsigned char *bytes = NULL;
	uint64_t size;
	ssize_t n;

	if (source_open(s, path, &in, &size, e) < 0)
		return -1;
	n = in->next(in, &bytes, e);
	*ret = n >= 0 && inflate_detect(bytes, (size_t)n) == INFLATE_NONE;
	return n < 0 ? -1 : 0;
}

/* What the archive and the configuration say of one layer. */
static int describe_layer(struct source *s, const char *path, const char *diff_id,
			  struct layer_blob *ret, struct err *e)
{
	auto_stream struct stream *in = NULL;
	bool plain;

	if (!reference_is_digest(diff_id))
		return err_msg(e, "its configuration has a diff id that is no digest");
	if (is_plain(s, path, &plain, e) < 0 || source_open(s, path, &in, &ret->size, e) < 0)
		return -1;
	ret->diff_id = diff_id;
	ret->hex = plain ? diff_id + 7 : NULL;
	return 0;
}

struct supply {
	struct source *s;
	const struct strv *paths;
};

static int open_layer(void *arg, size_t n, struct stream **ret, struct err *e)
{
	const struct supply *supply = arg;
	uint64_t size;

	return source_open(supply->s, supply->paths->v[n], ret, &size, e);
}

static int add_layers(struct layers *l, struct source *s, const struct archive_image *image,
		      const struct image_config *c, struct err *e)
{
	auto_free struct layer_blob *blobs = xcalloc(image->layers.n, sizeof(*blobs));
	struct supply supply = {.s = s, .paths = &image->layers};
	struct layer_supply from = {.open = open_layer, .arg = &supply};
	auto_strv struct strv names = {0};

	if (c->diff_ids.n != image->layers.n)
		return err_msg(e, "the archive has %zu layers, its configuration %zu",
			       image->layers.n, c->diff_ids.n);
	for (size_t i = 0; i < image->layers.n; i++) {
		strv_addf(&names, "layer %.19s", c->diff_ids.v[i]);
		if (describe_layer(s, image->layers.v[i], c->diff_ids.v[i], &blobs[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < image->layers.n; i++)
		blobs[i].name = names.v[i];
	return layers_make(l, blobs, image->layers.n, &from, e);
}

/* The archive has no manifest of OCI's kind: it is made of what was read. */
static char *make_manifest(const struct layers *l, const char *config_hex, size_t config_size)
{
	struct manifest m = {.config = {
				 .media_type = xstrdup("application/vnd.oci.image.config.v1+json"),
				 .digest = xasprintf("sha256:%s", config_hex),
				 .size = config_size,
			     }};
	char *text;

	for (size_t i = 0; i < l->n; i++)
		descriptors_add(&m.layers,
				l->v[i].media_type ? l->v[i].media_type
						   : "application/vnd.oci.image.layer.v1.tar",
				l->v[i].hex, l->v[i].blob_size);
	text = manifest_write(&m);
	manifest_free(&m);
	return text;
}

static void add_names(struct strv *names, const struct strv *tags)
{
	for (size_t i = 0; i < tags->n; i++) {
		struct reference r = {0};
		struct err ignored;

		/* "<none>:<none>" and the like name nothing. */
		if (reference_parse(tags->v[i], &r, &ignored) < 0)
			continue;
		strv_take(names, reference_full(&r));
		reference_free(&r);
	}
}

/* Of an image that was asked for by one of its tags, the others are not wanted. */
static void finish(struct ingest *in, const struct layers *l, const struct archive_image *image,
		   const char *reference, const char *config, size_t n)
{
	auto_strv struct strv documents = {0}, asked = {0};
	struct image_answer a = {.config = config, .documents = &documents};
	char config_hex[DIGEST_HEX];

	digest_of(config, n, config_hex);
	strv_take(&documents, make_manifest(l, config_hex, n));
	if (reference)
		strv_add(&asked, reference);
	add_names(&a.names, reference ? &asked : &image->tags);
	ingest_finish(in, l, &a);
	strv_free(&a.names);
}

static int take_image(struct ingest *in, struct source *s, const struct archive_image *image,
		      const char *reference, struct err *e)
{
	auto_free char *config = NULL;
	struct image_config c = {0};
	struct layers l = {.shelf = &in->shelf, .news = -1};
	size_t n;
	int rc;

	if (source_read(s, image->config, MANIFEST_MAX, &config, &n, e) < 0 ||
	    image_config_parse(config, n, "its configuration", &c, e) < 0)
		return -1;
	rc = add_layers(&l, s, image, &c, e);
	if (rc == 0)
		finish(in, &l, image, reference, config, n);
	layers_free(&l);
	image_config_free(&c);
	return rc;
}

/* Tags are compared as full names: "alpine" asks for what is saved as "alpine:latest". */
static bool has_tag(const struct archive_image *image, const char *reference)
{
	auto_strv struct strv wanted = {0}, there = {0};
	auto_strv struct strv one = {0};

	strv_add(&one, reference);
	add_names(&wanted, &one);
	add_names(&there, &image->tags);
	return wanted.n && strv_has(&there, wanted.v[0]);
}

static int take_all(struct ingest *in, struct source *s, const struct archive_images *a,
		    const char *reference, struct err *e)
{
	bool found = false;

	for (size_t i = 0; i < a->n; i++) {
		if (reference && !has_tag(&a->v[i], reference))
			continue;
		found = true;
		if (take_image(in, s, &a->v[i], reference, e) < 0)
			return -1;
	}
	if (found)
		return 0;
	return reference ? err_msg(e, "it holds no image \"%.200s\"", reference)
			 : err_msg(e, "it holds no image");
}

int ingest_docker(struct ingest *in, struct source *s, const char *reference, struct err *e)
{
	struct archive_images images = {0};
	auto_free char *text = NULL;
	size_t n;
	int rc;

	if (source_read(s, "manifest.json", MANIFEST_MAX, &text, &n, e) < 0)
		return -1;
	rc = manifest_parse_archive(text, n, "manifest.json", &images, e);
	if (rc == 0)
		rc = take_all(in, s, &images, reference, e);
	archive_images_free(&images);
	return rc < 0 ? err_ctx(e, "%s", source_name(s)) : 0;
}
