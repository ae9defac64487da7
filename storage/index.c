/* SPDX-License-Identifier: Apache-2.0 */
/* index.json and the records of images; runs in rlc, as the user. */
#include "storage/index.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "storage/reference.h"

#include <sys/stat.h>

#define REF_NAME "org.opencontainers.image.ref.name"

static struct index_entry *append(struct index *x)
{
	x->v = xreallocarray(x->v, x->n + 1, sizeof(*x->v));
	x->v[x->n] = (struct index_entry){0};
	return &x->v[x->n++];
}

static int parse_entry(struct json_object *o, struct index *x, struct err *e)
{
	struct json_object *notes = NULL;
	const char *digest = NULL, *name = NULL;
	struct index_entry *entry;
	int64_t size = 0;

	if (json_get_str(o, "digest", &digest, e) < 0 || json_get_i64(o, "size", &size, e) < 0 ||
	    json_get_object(o, "annotations", &notes, e) < 0 ||
	    (notes && json_get_str(notes, REF_NAME, &name, e) < 0))
		return -1;
	if (!digest || !reference_is_digest(digest) || size < 0)
		return err_msg(e, "an entry without a sha256 digest and size");
	entry = append(x);
	entry->digest = xstrdup(digest);
	entry->name = xstrdup_null(name);
	entry->size = (uint64_t)size;
	return 0;
}

static int parse_entries(struct json_object *o, struct index *x, struct err *e)
{
	struct json_object *list = NULL;

	if (json_get_array(o, "manifests", &list, e) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (parse_entry(json_object_array_get_idx(list, i), x, e) < 0)
			return -1;
	return 0;
}

int index_parse(const char *text, size_t n, struct index *ret, struct err *e)
{
	auto_json struct json_object *o = NULL;
	struct index x = {0};

	if (json_parse(text, n, "index.json", &o, e) < 0)
		return -1;
	if (parse_entries(o, &x, e) < 0) {
		index_free(&x);
		return err_ctx(e, "index.json");
	}
	*ret = x;
	return 0;
}

int index_read(int data, struct index *ret, struct err *e)
{
	auto_free char *text = NULL;
	size_t n;

	if (file_read(data, "index.json", INDEX_MAX, &text, &n, e) < 0) {
		if (e->sys != ENOENT)
			return -1;
		*ret = (struct index){0};
		return 0;
	}
	if (index_parse(text, n, ret, e) == 0)
		return 0;
	return err_hint(e, "move it away and load the images again: the store's index is damaged");
}

char *index_format(const struct index *x)
{
	auto_json struct json_object *o = json_object_new_object();
	struct json_object *list;

	json_add_i64(o, "schemaVersion", 2);
	json_add_str(o, "mediaType", "application/vnd.oci.image.index.v1+json");
	list = json_add_array(o, "manifests");
	for (size_t i = 0; i < x->n; i++) {
		struct json_object *d = json_object_new_object();

		json_add_str(d, "mediaType", "application/vnd.oci.image.manifest.v1+json");
		json_add_str(d, "digest", x->v[i].digest);
		json_add_i64(d, "size", (int64_t)x->v[i].size);
		if (x->v[i].name)
			json_add_str(json_add_object(d, "annotations"), REF_NAME, x->v[i].name);
		json_object_array_add(list, d);
	}
	return xstrdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
}

int index_write(int data, const struct index *x, struct err *e)
{
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	auto_free char *text = index_format(x);

	if (faccessat(data, "oci-layout", F_OK, 0) < 0 &&
	    file_write(data, "oci-layout", layout, sizeof(layout) - 1, 0644, true, e) < 0)
		return -1;
	return file_write(data, "index.json", text, strlen(text), 0644, true, e);
}

static void entry_free(struct index_entry *entry)
{
	free(entry->name);
	free(entry->digest);
}

void index_free(struct index *x)
{
	for (size_t i = 0; i < x->n; i++)
		entry_free(&x->v[i]);
	free(x->v);
	*x = (struct index){0};
}

struct index_entry *index_find(const struct index *x, const char *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].name && strcmp(x->v[i].name, name) == 0)
			return &x->v[i];
	return NULL;
}

size_t index_count(const struct index *x, const char *digest)
{
	size_t count = 0;

	for (size_t i = 0; i < x->n; i++)
		count += strcmp(x->v[i].digest, digest) == 0;
	return count;
}

void index_drop(struct index *x, size_t i)
{
	entry_free(&x->v[i]);
	memmove(x->v + i, x->v + i + 1, (x->n - i - 1) * sizeof(*x->v));
	x->n--;
}

static void add(struct index *x, const char *name, const char *digest, uint64_t size)
{
	struct index_entry *entry = append(x);

	entry->name = xstrdup_null(name);
	entry->digest = xstrdup(digest);
	entry->size = size;
}

void index_keep(struct index *x, const char *digest, uint64_t size)
{
	if (!index_count(x, digest))
		add(x, NULL, digest, size);
}

void index_set(struct index *x, const char *name, const char *digest, uint64_t size)
{
	struct index_entry *entry = index_find(x, name);

	if (entry && strcmp(entry->digest, digest) == 0)
		return;
	/* The image that had the name keeps an entry, or it would vanish from every list. */
	if (entry && index_count(x, entry->digest) == 1)
		xstr_set(&entry->name, NULL);
	else if (entry)
		index_drop(x, (size_t)(entry - x->v));
	/* A nameless entry of this image becomes the named one. */
	for (size_t i = 0; i < x->n; i++)
		if (!x->v[i].name && strcmp(x->v[i].digest, digest) == 0) {
			x->v[i].name = xstrdup(name);
			return;
		}
	add(x, name, digest, size);
}

bool index_is_layer_name(const char *text)
{
	size_t n = strlen(text);

	return n && n <= 128 && text[0] != '.' && strspn(text, "0123456789abcdef.id") == n;
}

static char *record_path(const char *manifest_digest)
{
	return xasprintf("images/%s.json", manifest_digest + strlen("sha256:"));
}

static int parse_record(struct json_object *o, struct image_record *r, struct err *e)
{
	const char *config = NULL, *origin = NULL;
	int64_t format = 0, size = 0;

	if (json_get_i64(o, "format", &format, e) < 0)
		return -1;
	if (format != IMAGE_RECORD_FORMAT) {
		err_msg(e, "record format %lld is not known", (long long)format);
		return err_hint(e, "a newer rlc wrote it: use that one");
	}
	if (json_get_str(o, "config", &config, e) < 0 ||
	    json_get_str(o, "origin", &origin, e) < 0 || json_get_i64(o, "size", &size, e) < 0 ||
	    json_get_i64(o, "created", &r->created, e) < 0 ||
	    json_get_strv(o, "layers", &r->layers, e) < 0 ||
	    json_get_strv(o, "blobs", &r->blobs, e) < 0)
		return -1;
	if (!config || !reference_is_digest(config))
		return err_msg(e, "\"config\" is no digest");
	for (size_t i = 0; i < r->layers.n; i++)
		if (!index_is_layer_name(r->layers.v[i]))
			return err_msg(e, "\"layers\"[%zu] names no layer", i);
	if (origin && !reference_is_digest(origin))
		return err_msg(e, "\"origin\" is no digest");
	r->config = xstrdup(config);
	r->origin = xstrdup_null(origin);
	r->size = size > 0 ? (uint64_t)size : 0;
	return 0;
}

int image_record_read(int data, const char *manifest_digest, struct image_record *ret,
		      struct err *e)
{
	auto_free char *path = record_path(manifest_digest), *text = NULL;
	auto_json struct json_object *o = NULL;
	struct image_record r = {0};
	size_t n;

	if (file_read(data, path, BLOB_MAX, &text, &n, e) < 0 ||
	    json_parse(text, n, path, &o, e) < 0)
		return -1;
	if (parse_record(o, &r, e) < 0) {
		image_record_free(&r);
		return err_ctx(e, "%s", path);
	}
	*ret = r;
	return 0;
}

int image_record_write(int data, const char *manifest_digest, const struct image_record *r,
		       struct err *e)
{
	auto_free char *path = record_path(manifest_digest);
	auto_json struct json_object *o = json_object_new_object();
	const char *text;

	if (mkdirat(data, "images", 0700) < 0 && errno != EEXIST)
		return err_sys(e, "make folder images in the store");
	json_add_i64(o, "format", IMAGE_RECORD_FORMAT);
	json_add_str(o, "config", r->config);
	json_add_str(o, "origin", r->origin);
	json_add_strv(o, "layers", &r->layers);
	if (r->blobs.n)
		json_add_strv(o, "blobs", &r->blobs);
	json_add_i64(o, "size", (int64_t)r->size);
	json_add_i64(o, "created", r->created);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);
	return file_write(data, path, text, strlen(text), 0644, true, e);
}

void image_record_free(struct image_record *r)
{
	free(r->config);
	free(r->origin);
	strv_free(&r->layers);
	strv_free(&r->blobs);
	*r = (struct image_record){0};
}
