/* SPDX-License-Identifier: Apache-2.0 */
/* Index, manifest and archive table of images: pure functions over untrusted JSON. On both sides.
 */
#include "storage/manifest.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "storage/media_type.h"
#include "storage/reference.h"

/* containerd's full name is preferred to OCI's, which may be no more than a tag. */
static int copy_name(struct json_object *o, struct descriptor *d, struct err *e)
{
	struct json_object *notes = NULL;

	if (json_get_object(o, "annotations", &notes, e) < 0)
		return -1;
	if (!notes)
		return 0;
	if (json_copy_str(notes, "org.opencontainers.image.ref.name", &d->name, e) < 0)
		return -1;
	return json_copy_str(notes, "io.containerd.image.name", &d->name, e);
}

static int parse_descriptor(struct json_object *o, struct descriptor *d, struct err *e)
{
	struct json_object *platform = NULL;
	int64_t size = -1;

	if (json_copy_str(o, "mediaType", &d->media_type, e) < 0 ||
	    json_copy_str(o, "digest", &d->digest, e) < 0 ||
	    json_get_i64(o, "size", &size, e) < 0 ||
	    json_get_object(o, "platform", &platform, e) < 0 || copy_name(o, d, e) < 0)
		return -1;
	if (platform && (json_copy_str(platform, "os", &d->os, e) < 0 ||
			 json_copy_str(platform, "architecture", &d->architecture, e) < 0 ||
			 json_copy_str(platform, "variant", &d->variant, e) < 0))
		return -1;
	/* The digest becomes a file name: nothing but a checked one may pass. */
	if (!d->digest || !reference_is_digest(d->digest))
		return err_msg(e, "a descriptor without a sha256 digest");
	if (size < 0)
		return err_msg(e, "%s: a descriptor without a size", d->digest);
	d->size = (uint64_t)size;
	return 0;
}

static int parse_list(struct json_object *o, const char *key, size_t max, struct descriptors *ret,
		      struct err *e)
{
	struct json_object *list = NULL;

	if (json_get_array(o, key, &list, e) < 0)
		return -1;
	if (!list)
		return err_msg(e, "\"%s\" is missing", key);
	if (json_object_array_length(list) > max) {
		err_msg(e, "\"%s\" has more than %zu members", key, max);
		return err_hint(e, "get an image of fewer parts: podman build --squash-all");
	}
	ret->v = xcalloc(json_object_array_length(list), sizeof(*ret->v));
	while (ret->n < json_object_array_length(list)) {
		struct json_object *item = json_object_array_get_idx(list, ret->n);

		if (parse_descriptor(item, &ret->v[ret->n++], e) < 0)
			return err_ctx(e, "\"%s\"[%zu]", key, ret->n - 1);
	}
	return 0;
}

/*
 * Both shapes at once would be read as one thing here and as another elsewhere (CVE-2021-41190):
 * such a document is refused.
 */
static int read_shape(struct json_object *o, bool *ret_index, struct err *e)
{
	bool manifests = json_object_object_get_ex(o, "manifests", NULL);
	bool layers = json_object_object_get_ex(o, "layers", NULL) ||
		      json_object_object_get_ex(o, "config", NULL);
	const char *type = NULL;
	int64_t version = -1;

	if (json_get_i64(o, "schemaVersion", &version, e) < 0 ||
	    json_get_str(o, "mediaType", &type, e) < 0)
		return -1;
	if (version == 1)
		return err_msg(e, "Docker's schema 1 is not read; push or save the image anew");
	if (manifests == layers)
		return err_msg(e, "it is %s an index and a manifest", layers ? "both" : "neither");
	*ret_index = manifests;
	return media_type_check_document(type, manifests, "its mediaType", e);
}

static int parse_shape(const char *text, size_t n, const char *name, bool *ret_index,
		       struct json_object **ret, struct err *e)
{
	auto_json struct json_object *o = NULL;

	if (json_parse(text, n, name, &o, e) < 0)
		return -1;
	if (!json_object_is_type(o, json_type_object))
		return err_msg(e, "%s: not a JSON object", name);
	if (read_shape(o, ret_index, e) < 0)
		return err_ctx(e, "%s", name);
	*ret = take_ptr(o);
	return 0;
}

int manifest_is_index(const char *text, size_t n, const char *name, bool *ret, struct err *e)
{
	auto_json struct json_object *o = NULL;

	return parse_shape(text, n, name, ret, &o, e);
}

int manifest_parse_index(const char *text, size_t n, const char *name, struct descriptors *ret,
			 struct err *e)
{
	auto_json struct json_object *o = NULL;
	struct descriptors d = {0};
	bool is_index;

	if (parse_shape(text, n, name, &is_index, &o, e) < 0)
		return -1;
	if (!is_index)
		return err_msg(e, "%s: a manifest where an index was expected", name);
	if (parse_list(o, "manifests", 4096, &d, e) < 0) {
		descriptors_free(&d);
		return err_ctx(e, "%s", name);
	}
	*ret = d;
	return 0;
}

static int parse_parts(struct json_object *o, struct manifest *m, struct err *e)
{
	struct json_object *config = NULL;

	if (json_get_object(o, "config", &config, e) < 0)
		return -1;
	if (!config)
		return err_msg(e, "\"config\" is missing");
	if (parse_descriptor(config, &m->config, e) < 0)
		return err_ctx(e, "\"config\"");
	return parse_list(o, "layers", MANIFEST_LAYERS_MAX, &m->layers, e);
}

int manifest_parse(const char *text, size_t n, const char *name, struct manifest *ret,
		   struct err *e)
{
	auto_json struct json_object *o = NULL;
	struct manifest m = {0};
	bool is_index;

	if (parse_shape(text, n, name, &is_index, &o, e) < 0)
		return -1;
	if (is_index)
		return err_msg(e, "%s: an index where a manifest was expected", name);
	if (parse_parts(o, &m, e) < 0) {
		manifest_free(&m);
		return err_ctx(e, "%s", name);
	}
	*ret = m;
	return 0;
}

static int parse_archive_image(struct json_object *o, struct archive_image *a, struct err *e)
{
	if (json_copy_str(o, "Config", &a->config, e) < 0 ||
	    json_get_strv(o, "RepoTags", &a->tags, e) < 0 ||
	    json_get_strv(o, "Layers", &a->layers, e) < 0)
		return -1;
	if (!a->config)
		return err_msg(e, "\"Config\" is missing");
	if (a->layers.n > MANIFEST_LAYERS_MAX)
		return err_msg(e, "\"Layers\" has more than %d members", MANIFEST_LAYERS_MAX);
	return 0;
}

int manifest_parse_archive(const char *text, size_t n, const char *name, struct archive_images *ret,
			   struct err *e)
{
	auto_json struct json_object *o = NULL;
	struct archive_images a = {0};

	if (json_parse(text, n, name, &o, e) < 0)
		return -1;
	if (!json_object_is_type(o, json_type_array))
		return err_msg(e, "%s: not a list of images", name);
	a.v = xcalloc(json_object_array_length(o), sizeof(*a.v));
	while (a.n < json_object_array_length(o)) {
		struct json_object *item = json_object_array_get_idx(o, a.n);

		if (parse_archive_image(item, &a.v[a.n++], e) < 0) {
			archive_images_free(&a);
			return err_ctx(e, "%s", name);
		}
	}
	*ret = a;
	return 0;
}

static struct json_object *write_descriptor(const struct descriptor *d)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "mediaType", d->media_type);
	json_add_str(o, "digest", d->digest);
	json_add_i64(o, "size", (int64_t)d->size);
	return o;
}

char *manifest_write(const struct manifest *m)
{
	auto_json struct json_object *o = json_object_new_object();
	struct json_object *layers;

	json_add_i64(o, "schemaVersion", 2);
	json_add_str(o, "mediaType", "application/vnd.oci.image.manifest.v1+json");
	json_object_object_add(o, "config", write_descriptor(&m->config));
	layers = json_add_array(o, "layers");
	for (size_t i = 0; i < m->layers.n; i++)
		json_object_array_add(layers, write_descriptor(&m->layers.v[i]));
	return xstrdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
}

char *manifest_translate(struct manifest *m)
{
	bool changed = false;

	for (size_t i = 0; i <= m->layers.n; i++) {
		struct descriptor *part = i ? &m->layers.v[i - 1] : &m->config;
		const char *oci = media_type_as_oci(part->media_type);

		if (oci == part->media_type)
			continue;
		changed = true;
		xstr_set(&part->media_type, oci);
	}
	return changed ? manifest_write(m) : NULL;
}

size_t descriptors_documents(const struct descriptors *d, const struct descriptor **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		if (media_type_is_document(d->v[i].media_type))
			ret[n++] = &d->v[i];
	return n;
}

void descriptors_add(struct descriptors *d, const char *media_type, const char *hex, uint64_t size)
{
	d->v = xreallocarray(d->v, d->n + 1, sizeof(*d->v));
	d->v[d->n++] = (struct descriptor){
	    .media_type = xstrdup_null(media_type),
	    .digest = xasprintf("sha256:%s", hex),
	    .size = size,
	};
}

void descriptor_free(struct descriptor *d)
{
	free(d->media_type);
	free(d->digest);
	free(d->os);
	free(d->architecture);
	free(d->variant);
	free(d->name);
	*d = (struct descriptor){0};
}

void descriptors_free(struct descriptors *d)
{
	for (size_t i = 0; i < d->n; i++)
		descriptor_free(&d->v[i]);
	free(d->v);
	*d = (struct descriptors){0};
}

void manifest_free(struct manifest *m)
{
	descriptor_free(&m->config);
	descriptors_free(&m->layers);
}

void archive_images_free(struct archive_images *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].config);
		strv_free(&a->v[i].tags);
		strv_free(&a->v[i].layers);
	}
	free(a->v);
	*a = (struct archive_images){0};
}
