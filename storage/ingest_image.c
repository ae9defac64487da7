/* SPDX-License-Identifier: Apache-2.0 */
/* Intake of one image by its manifest. In rlc-image. */
#include "storage/ingest_image.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/spec/image.h"
#include "storage/ingest.h"
#include "storage/layers.h"
#include "storage/media_type.h"
#include "storage/reference.h"
#include "storage/source.h"
#include "storage/stream.h"

/* A whole document, checked against what points to it. */
static int read_document(struct source *s, enum fetch_kind kind, const struct descriptor *d,
			 char **ret, size_t *ret_len, struct err *e)
{
	auto_free char *text = NULL;
	char hex[DIGEST_HEX];

	if (d->size > MANIFEST_MAX)
		return err_msg(e, "%.19s of %s: its descriptor says %llu bytes, more than %d MiB",
			       d->digest, source_name(s), (unsigned long long)d->size,
			       MANIFEST_MAX >> 20);
	if (source_read_digest(s, kind, d->digest, MANIFEST_MAX, &text, ret_len, e) < 0)
		return -1;
	digest_of(text, *ret_len, hex);
	if (*ret_len != d->size)
		return err_msg(e, "%s of %s has %zu bytes where its descriptor says %llu",
			       d->digest, source_name(s), *ret_len, (unsigned long long)d->size);
	if (strcmp(hex, d->digest + 7) != 0)
		return err_msg(e, "%s of %s is damaged or forged: its digest is sha256:%s",
			       d->digest, source_name(s), hex);
	*ret = take_ptr(text);
	return 0;
}

struct supply {
	struct source *s;
	const struct manifest *m;
};

static int open_layer(void *arg, size_t n, struct stream **ret, struct err *e)
{
	const struct supply *supply = arg;
	const struct descriptor *d = &supply->m->layers.v[n];

	return source_open_digest(supply->s, FETCH_BLOB, d->digest, d->size, ret, e);
}

static void cancel(void *arg)
{
	const struct supply *supply = arg;

	source_cancel(supply->s);
}

static int describe_layers(const struct intake *k, const struct manifest *m,
			   const struct image_config *c, struct layer_blob *blobs,
			   struct strv *names, struct err *e)
{
	if (c->diff_ids.n != m->layers.n)
		return err_msg(e, "its manifest has %zu layers, its configuration %zu", m->layers.n,
			       c->diff_ids.n);
	for (size_t i = 0; i < m->layers.n; i++) {
		if (!reference_is_digest(c->diff_ids.v[i]))
			return err_msg(e, "its configuration has a diff id that is no digest");
		strv_addf(names, "layer %.19s", m->layers.v[i].digest);
	}
	for (size_t i = 0; i < m->layers.n; i++)
		blobs[i] = (struct layer_blob){.name = names->v[i],
					       .hex = m->layers.v[i].digest + 7,
					       .size = m->layers.v[i].size,
					       .diff_id = c->diff_ids.v[i],
					       .diff_id_is_claim = k->claims};
	return 0;
}

static int add_layers(const struct intake *k, struct layers *l, const struct manifest *m,
		      const struct image_config *c, struct err *e)
{
	auto_free struct layer_blob *blobs = xcalloc(m->layers.n, sizeof(*blobs));
	struct supply supply = {.s = k->s, .m = m};
	struct layer_supply from = {.open = open_layer, .cancel = cancel, .arg = &supply};
	auto_strv struct strv names = {0};

	if (describe_layers(k, m, c, blobs, &names, e) < 0)
		return -1;
	return layers_make(l, blobs, m->layers.n, &from, e);
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

/* A manifest outside of any index does not say for which machine it is: its configuration does. */
static int check_platform(const struct intake *k, const struct image_config *c, struct err *e)
{
	const struct platform *p = &k->platform;
	auto_str struct str shown = {0};

	if (platform_fits(p, c->architecture, c->variant))
		return 0;
	str_add_visible(&shown, c->architecture);
	if (c->variant && *c->variant) {
		str_add(&shown, "/");
		str_add_visible(&shown, c->variant);
	}
	if (!k->platform_asked) {
		log_warn("the image is for linux/%.40s, and this machine is linux/%s",
			 str_get(&shown), p->architecture);
		return 0;
	}
	err_msg(e, "there is one image for linux/%.40s alone, and linux/%s%s%s was asked for",
		str_get(&shown), p->architecture, *p->variant ? "/" : "", p->variant);
	return err_hint(e,
			"take it as it is, without --platform; or look for a tag that was built "
			"for linux/%s",
			p->architecture);
}

static int take_config(const struct intake *k, const struct manifest *m, struct image_answer *a,
		       struct err *e)
{
	auto_free char *config = NULL;
	struct image_config c = {0};
	struct layers l = {.shelf = &k->in->shelf, .news = k->in->news};
	size_t n;
	int rc;

	if (read_document(k->s, FETCH_BLOB, &m->config, &config, &n, e) < 0 ||
	    image_config_parse(config, n, "its configuration", &c, e) < 0)
		return -1;
	a->config = config;
	rc = check_platform(k, &c, e);
	if (rc == 0)
		rc = add_layers(k, &l, m, &c, e);
	if (rc == 0)
		ingest_finish(k->in, &l, a);
	layers_free(&l);
	image_config_free(&c);
	return rc;
}

static int check_parts(const struct manifest *m, struct err *e)
{
	if (media_type_check_config(m->config.media_type, e) < 0)
		return -1;
	for (size_t i = 0; i < m->layers.n; i++)
		if (media_type_check_layer(m->layers.v[i].media_type, e) < 0)
			return err_ctx(e, "layer %.19s", m->layers.v[i].digest);
	return 0;
}

static int take_manifest(const struct intake *k, const struct document *d, struct err *e)
{
	struct image_answer a = {.documents = k->chain};
	struct manifest m = {0};
	int rc;

	if (manifest_parse(d->text, d->n, "its manifest", &m, e) < 0)
		return -1;
	rc = check_parts(&m, e);
	add_name(&a.names, k->name);
	if (rc == 0)
		rc = take_config(k, &m, &a, e);
	strv_free(&a.names);
	manifest_free(&m);
	return rc;
}

static int no_platform(const struct intake *k, const struct descriptor *const *list, size_t n,
		       struct err *e)
{
	const struct platform *p = &k->platform;
	auto_str struct str there = {0};

	for (size_t i = 0; i < n && there.len < 300; i++)
		if (list[i]->architecture) {
			str_add(&there, there.len ? ", " : "");
			str_add_visible(&there, list[i]->architecture);
		}
	err_msg(e, "it has no image for this machine (%s%s), only for: %s", p->architecture,
		p->variant, str_get(&there));
	return err_hint(e, "get one that was built for linux/%s", p->architecture);
}

int intake_choose(const struct intake *k, const struct descriptor *const *list, size_t n,
		  struct err *e)
{
	int best = platform_choose(&k->platform, list, n);

	return best < 0 ? no_platform(k, list, n, e) : best;
}

static int take_index(const struct intake *k, const struct document *d, int depth, struct err *e)
{
	auto_free const struct descriptor **list = NULL;
	struct descriptors inner = {0};
	size_t n;
	int rc;

	if (manifest_parse_index(d->text, d->n, "its index", &inner, e) < 0)
		return -1;
	list = xcalloc(inner.n, sizeof(*list));
	n = descriptors_documents(&inner, list);
	rc = intake_choose(k, list, n, e);
	if (rc >= 0)
		rc = intake_entry(k, list[rc], depth + 1, e);
	descriptors_free(&inner);
	return rc;
}

static int take_document(const struct intake *k, const struct document *d, int depth, struct err *e)
{
	bool is_index;

	if (manifest_is_index(d->text, d->n, "its manifest", &is_index, e) < 0 ||
	    media_type_check_document(d->type, is_index, source_name(k->s), e) < 0)
		return -1;
	strv_add(k->chain, d->text);
	return is_index ? take_index(k, d, depth, e) : take_manifest(k, d, e);
}

/* Is it what the store has? Then there is nothing to do. */
static bool is_here(const struct intake *k, const char *hex)
{
	if (!k->have || strcmp(k->have + 7, hex) != 0)
		return false;
	k->in->unchanged = true;
	return true;
}

int intake_document(const struct intake *k, const struct document *d, struct err *e)
{
	return is_here(k, d->hex) ? 0 : take_document(k, d, 0, e);
}

int intake_entry(const struct intake *k, const struct descriptor *d, int depth, struct err *e)
{
	struct document doc = {.hex = d->digest + 7, .type = d->media_type};
	auto_free char *text = NULL;

	if (depth == INDEX_DEPTH_MAX)
		return err_msg(e, "indexes nest deeper than %d", INDEX_DEPTH_MAX);
	if (is_here(k, doc.hex))
		return 0;
	if (read_document(k->s, FETCH_MANIFEST, d, &text, &doc.n, e) < 0)
		return -1;
	doc.text = text;
	return take_document(k, &doc, depth, e);
}
