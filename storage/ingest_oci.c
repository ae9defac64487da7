/* SPDX-License-Identifier: Apache-2.0 */
/* Intake of an OCI image layout (image-layout.md). In rlc-image. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/ingest.h"
#include "storage/ingest_image.h"
#include "storage/source.h"

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Entries of one name are one image for several machines. */
static int take_named(const struct intake *k, const struct descriptors *d, struct err *e)
{
	auto_free const struct descriptor **list = xcalloc(d->n, sizeof(*list));
	size_t n = 0;
	int best;

	for (size_t i = 0; i < d->n; i++)
		if (same_name(d->v[i].name, k->name))
			list[n++] = &d->v[i];
	best = n == 1 ? 0 : intake_choose(k, list, n, e);
	return best < 0 ? -1 : intake_entry(k, list[best], 0, e);
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
		auto_strv struct strv chain = {0};
		struct intake k = {
		    .in = in, .s = s, .platform = platform_native(), .name = name, .chain = &chain};
		bool first = true;

		for (size_t other = 0; other < i; other++)
			first = first && !same_name(d->v[other].name, name);
		if (!first || (reference && !same_name(name, reference)))
			continue;
		found = true;
		if (take_named(&k, d, e) < 0)
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
