/* SPDX-License-Identifier: Apache-2.0 */
/* Intake of an OCI image layout (image-layout.md). In rlc-image. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/spec/image.h"
#include "storage/ingest.h"
#include "storage/layer.h"
#include "storage/manifest.h"
#include "storage/platform.h"
#include "storage/reference.h"
#include "storage/source.h"
#include "storage/stream.h"

enum { INDEX_DEPTH_MAX = 4 };

static char *blob_path(const char *digest)
{
	return xasprintf("blobs/sha256/%s", digest + strlen("sha256:"));
}

/* A whole blob, checked against what points to it. */
static int read_blob(struct source *s, const struct descriptor *d, char **ret, size_t *ret_len,
		     struct err *e)
{
	auto_free char *path = blob_path(d->digest), *text = NULL;
	char hex[DIGEST_HEX];

	if (source_read(s, path, MANIFEST_MAX, &text, ret_len, e) < 0)
		return -1;
	digest_of(text, *ret_len, hex);
	if (*ret_len != d->size)
		return err_msg(e, "%s of %s has %zu bytes where its descriptor says %llu", path,
			       source_name(s), *ret_len, (unsigned long long)d->size);
	if (strcmp(hex, d->digest + 7) != 0)
		return err_msg(e, "%s of %s is damaged or forged: its digest is sha256:%s", path,
			       source_name(s), hex);
	*ret = take_ptr(text);
	return 0;
}

static int add_layer(struct layers *l, struct source *s, const struct descriptor *d,
		     const char *diff_id, struct err *e)
{
	auto_free char *path = blob_path(d->digest);
	auto_free char *name = xasprintf("layer %.19s", d->digest);
	struct layer_blob blob = {
	    .name = name, .hex = d->digest + 7, .size = d->size, .diff_id = diff_id};
	struct stream *in;
	uint64_t size;
	int rc = layers_reuse(l, &blob, e);

	if (rc)
		return rc < 0 ? -1 : 0;
	if (source_open(s, path, &in, &size, e) < 0)
		return -1;
	return layers_add(l, in, &blob, e);
}

static int add_layers(struct layers *l, struct source *s, const struct manifest *m,
		      const struct image_config *c, struct err *e)
{
	if (c->diff_ids.n != m->layers.n)
		return err_msg(e, "its manifest has %zu layers, its configuration %zu", m->layers.n,
			       c->diff_ids.n);
	for (size_t i = 0; i < m->layers.n; i++) {
		if (!reference_is_digest(c->diff_ids.v[i]))
			return err_msg(e, "its configuration has a diff id that is no digest");
		if (add_layer(l, s, &m->layers.v[i], c->diff_ids.v[i], e) < 0)
			return -1;
	}
	return 0;
}

/* A name in a layout may be a full reference, a short one, or any text at all. */
static void add_name(struct strv *names, const char *text)
{
	struct reference r = {0};
	struct err ignored;

	if (!text || reference_parse_local(text, &r, &ignored) < 0)
		return;
	strv_take(names, reference_full(&r));
	reference_free(&r);
}

static int take_config(struct ingest *in, struct source *s, const struct manifest *m,
		       struct image_answer *a, struct err *e)
{
	auto_free char *config = NULL;
	struct image_config c = {0};
	struct layers l = {.shelf = &in->shelf};
	size_t n;
	int rc;

	if (read_blob(s, &m->config, &config, &n, e) < 0 ||
	    image_config_parse(config, n, "its configuration", &c, e) < 0)
		return -1;
	a->config = config;
	snprintf(a->config_hex, sizeof(a->config_hex), "%s", m->config.digest + 7);
	rc = add_layers(&l, s, m, &c, e);
	if (rc == 0)
		ingest_finish(in, &l, a);
	layers_free(&l);
	image_config_free(&c);
	return rc;
}

static int take_manifest(struct ingest *in, struct source *s, const struct descriptor *d,
			 const char *text, size_t n, const char *name, struct err *e)
{
	struct image_answer a = {.manifest = text};
	struct manifest m = {0};
	int rc;

	if (manifest_parse(text, n, "its manifest", &m, e) < 0)
		return -1;
	snprintf(a.manifest_hex, sizeof(a.manifest_hex), "%s", d->digest + 7);
	add_name(&a.names, name);
	rc = take_config(in, s, &m, &a, e);
	strv_free(&a.names);
	manifest_free(&m);
	return rc;
}

static int no_platform(const struct descriptors *d, const struct platform *p, struct err *e)
{
	auto_str struct str there = {0};

	for (size_t i = 0; i < d->n && there.len < 300; i++)
		if (d->v[i].architecture) {
			str_add(&there, there.len ? ", " : "");
			str_add_visible(&there, d->v[i].architecture);
		}
	err_msg(e, "it has no image for this machine (%s%s), only for: %s", p->architecture,
		p->variant, str_get(&there));
	return err_hint(e, "get one that was built for linux/%s", p->architecture);
}

/* Goes down through indexes to the manifest for this machine. name: of the outermost entry. */
static int take_entry(struct ingest *in, struct source *s, const struct descriptor *d,
		      const char *name, int depth, struct err *e)
{
	struct platform native = platform_native();
	auto_free const struct descriptor **list = NULL;
	auto_free char *text = NULL;
	struct descriptors inner = {0};
	bool is_index;
	size_t n;
	int rc;

	if (depth == INDEX_DEPTH_MAX)
		return err_msg(e, "indexes nest deeper than %d", INDEX_DEPTH_MAX);
	if (read_blob(s, d, &text, &n, e) < 0 ||
	    manifest_is_index(text, n, "its manifest", &is_index, e) < 0)
		return -1;
	if (!is_index)
		return take_manifest(in, s, d, text, n, name, e);
	if (manifest_parse_index(text, n, "its index", &inner, e) < 0)
		return -1;
	list = xcalloc(inner.n, sizeof(*list));
	for (size_t i = 0; i < inner.n; i++)
		list[i] = &inner.v[i];
	rc = platform_choose(&native, list, inner.n);
	rc = rc < 0 ? no_platform(&inner, &native, e)
		    : take_entry(in, s, list[rc], name, depth + 1, e);
	descriptors_free(&inner);
	return rc;
}

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Entries of one name are one image for several machines. */
static int take_named(struct ingest *in, struct source *s, const struct descriptors *d,
		      const char *name, struct err *e)
{
	struct platform native = platform_native();
	auto_free const struct descriptor **list = xcalloc(d->n, sizeof(*list));
	size_t n = 0;
	int best;

	for (size_t i = 0; i < d->n; i++)
		if (same_name(d->v[i].name, name))
			list[n++] = &d->v[i];
	best = n == 1 ? 0 : platform_choose(&native, list, n);
	if (best < 0)
		return no_platform(d, &native, e);
	return take_entry(in, s, list[best], name, 0, e);
}

static int no_reference(const struct descriptors *d, const char *reference, struct err *e)
{
	auto_str struct str there = {0};

	for (size_t i = 0; i < d->n && there.len < 300; i++) {
		str_add(&there, there.len ? ", " : "");
		str_add_visible(&there, d->v[i].name ? d->v[i].name : "one without a name");
	}
	err_msg(e, "it holds no image \"%.200s\"", reference);
	return err_hint(e, "it holds: %s", str_get(&there));
}

static int take_all(struct ingest *in, struct source *s, const struct descriptors *d,
		    const char *reference, struct err *e)
{
	bool found = false;

	for (size_t i = 0; i < d->n; i++) {
		const char *name = d->v[i].name;
		bool first = true;

		for (size_t k = 0; k < i; k++)
			first = first && !same_name(d->v[k].name, name);
		if (!first || (reference && !same_name(name, reference)))
			continue;
		found = true;
		if (take_named(in, s, d, name, e) < 0)
			return name ? err_ctx(e, "image %.200s", name) : -1;
	}
	if (!found)
		return reference ? no_reference(d, reference, e) : err_msg(e, "it holds no image");
	return 0;
}

int ingest_oci(struct ingest *in, struct source *s, const char *reference, struct err *e)
{
	auto_free char *text = NULL;
	struct descriptors d = {0};
	size_t n;
	int rc;

	if (source_read(s, "index.json", MANIFEST_MAX, &text, &n, e) < 0)
		return -1;
	rc = manifest_parse_index(text, n, "index.json", &d, e);
	if (rc == 0)
		rc = take_all(in, s, &d, reference, e);
	descriptors_free(&d);
	return rc < 0 ? err_ctx(e, "%s", source_name(s)) : 0;
}
