/* SPDX-License-Identifier: Apache-2.0 */
/* From a typed name to an image in the store, by way of a registry where it must. */
#include "cmd/image_find.h"

#include "cmd/pull_progress.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "storage/platform.h"
#include "storage/pull.h"
#include "storage/reference.h"
#include "storage/short_name.h"
#include "storage/store.h"

/* Whether the image was made for what is asked for; what it does not say fits. */
static int check_platform(const struct image_wish *w, const struct image *image, struct err *e)
{
	const char *architecture = image->config.architecture, *variant = image->config.variant;
	struct platform p;

	if (!w->fetch->platform)
		return 0;
	if (platform_parse(w->fetch->platform, &p, e) < 0)
		return -1;
	if ((!architecture || strcmp(architecture, p.architecture) == 0) &&
	    (!*p.variant || !variant || !*variant || strcmp(variant, p.variant) == 0))
		return 0;
	err_msg(e, "the image %.300s that is here is for linux/%s, not for %s", w->name,
		architecture, w->fetch->platform);
	return err_hint(e, "fetch the other one: rlc pull --platform %s %.300s", w->fetch->platform,
			w->name);
}

static int find_one(const struct image_wish *w, const char *name, struct image *ret, struct err *e)
{
	struct image image = {0};

	if (store_find(w->dirs, name, &image, e) < 0)
		return -1;
	if (check_platform(w, &image, e) < 0) {
		image_free(&image);
		return -1;
	}
	*ret = image;
	return 0;
}

static int candidates(const struct image_wish *w, struct strv *ret, struct err *e)
{
	return short_name_candidates(w->name, &w->fetch->aliases, &w->fetch->search, ret, e);
}

int image_find_local(const struct image_wish *w, struct image *ret, struct err *e)
{
	auto_strv struct strv names = {0};
	struct reference local = {0};
	struct err other;

	/* What was named here by its user comes before what a registry calls so. */
	if (reference_is_short(w->name) && reference_parse_local(w->name, &local, &other) == 0)
		strv_take(&names, reference_full(&local));
	reference_free(&local);
	(void)candidates(w, &names, &other); /* what is no name may still be an id */
	for (size_t i = 0; i < names.n; i++)
		if (find_one(w, names.v[i], ret, &other) == 0)
			return 0;
	return find_one(w, w->name, ret, e);
}

/* The manifest that the store has under that very name, owned by the caller, or NULL. */
static char *digest_here(const struct image_wish *w, const char *full)
{
	struct image image = {0};
	struct err ignored;
	char *digest = NULL;

	if (store_find(w->dirs, full, &image, &ignored) == 0)
		digest = xstrdup(image.manifest_digest);
	image_free(&image);
	return digest;
}

static struct fetch_options options_for(const struct image_wish *w, const char *registry)
{
	const struct spec_fetch *f = w->fetch;

	return (struct fetch_options){
	    .tls_verify = f->tls_verify && !strv_has(&f->insecure, registry),
	    .cert_dir = f->cert_dir,
	    .timeout = (unsigned int)f->timeout,
	    .retries = (unsigned int)f->retries,
	    .retry_delay = (unsigned int)f->retry_delay,
	};
}

static int fetch_one(const struct image_wish *w, const char *full, struct image *ret, struct err *e)
{
	auto_free char *have = digest_here(w, full), *id = NULL;
	struct pull_progress *progress;
	struct reference r = {0};
	int rc;

	if (reference_parse(full, &r, e) < 0)
		return -1;
	progress = pull_progress_begin(full, w->fetch->quiet);
	rc = pull_image(w->dirs, w->map,
			&(struct pull_request){
			    .reference = &r,
			    .platform = w->fetch->platform,
			    .have = have,
			    .keep_blobs = w->fetch->keep_blobs,
			    .options = options_for(w, r.domain),
			    .progress = pull_progress_take,
			    .progress_arg = progress,
			},
			&id, e);
	pull_progress_end(progress);
	reference_free(&r);
	return rc < 0 ? -1 : store_find(w->dirs, full, ret, e);
}

/* Of what another way helped out of: no error, so that the hint is left out. */
static void tell(const char *what, const struct err *e)
{
	auto_str struct str text = {0};

	str_add_visible(&text, what);
	str_add_visible(&text, e->what);
	log_warn("%s%s%s", str_get(&text), e->sys ? ": " : "", e->sys ? strerror(e->sys) : "");
}

static int fetch(const struct image_wish *w, struct image *ret, struct err *e)
{
	auto_strv struct strv names = {0};

	if (candidates(w, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		if (fetch_one(w, names.v[i], ret, e) == 0)
			return 0;
		/* Given up by a signal: the others are not meant either. */
		if (e->exit > 128)
			return -1;
		if (i + 1 < names.n)
			tell("", e);
	}
	/* So are images called that somebody made here. */
	if (str_starts(names.v[0], "localhost/")) {
		err_ctx(e, "no image %.300s here", w->name);
		return err_hint(e, "rlc images lists what is here");
	}
	return names.n > 1 ? err_ctx(e, "none of %zu registries has %.300s", names.n, w->name) : -1;
}

int image_find(const struct image_wish *w, struct image *ret, struct err *e)
{
	struct image here = {0};
	auto_free char *what = NULL;
	bool is_here;

	if (w->policy == PULL_ALWAYS)
		return fetch(w, ret, e);
	is_here = image_find_local(w, &here, e) == 0;
	if (is_here && w->policy != PULL_NEWER) {
		*ret = here;
		return 0;
	}
	if (w->policy == PULL_NEVER)
		return -1;
	if (fetch(w, ret, e) == 0) {
		image_free(&here);
		return 0;
	}
	if (!is_here || e->exit > 128) {
		image_free(&here);
		return -1;
	}
	what = xasprintf("%s is used as it is here: ", w->name);
	tell(what, e);
	*ret = here;
	return 0;
}
