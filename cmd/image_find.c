/* SPDX-License-Identifier: Apache-2.0 */
/* From a typed name to an image in the store, by way of a registry where it must. */
#include "cmd/image_find.h"

#include "cmd/image_names.h"
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

/* The platform that is asked for, or this machine's. */
static int wanted(const struct image_wish *w, struct platform *ret, struct err *e)
{
	if (w->fetch->platform)
		return platform_parse(w->fetch->platform, ret, e);
	*ret = platform_native();
	return 0;
}

/* An image of another platform than was asked for is as good as not here. */
static int check_platform(const struct image_wish *w, const struct image *image, struct err *e)
{
	struct platform p;

	if (wanted(w, &p, e) < 0)
		return -1;
	if (!w->fetch->platform ||
	    platform_fits(&p, image->config.architecture, image->config.variant))
		return 0;
	err_msg(e, "the image %.300s that is here is for linux/%s, not for %s", w->name,
		image->config.architecture, w->fetch->platform);
	return err_hint(e, "fetch the other one: rlc pull --platform %s %.300s", w->fetch->platform,
			w->name);
}

/* Before its programs fail to start; with a translator such as qemu's they do start. */
static void warn_of_platform(const struct image_wish *w, const struct image *image)
{
	const struct platform native = platform_native();
	auto_str struct str shown = {0};

	if (w->fetch->platform ||
	    platform_fits(&native, image->config.architecture, image->config.variant))
		return;
	str_add_visible(&shown, w->name);
	str_add(&shown, " is for linux/");
	str_add_visible(&shown, image->config.architecture);
	log_warn("the image %.400s, and this machine is linux/%s", str_get(&shown),
		 native.architecture);
}

static int candidates(const struct image_wish *w, struct strv *ret, struct err *e)
{
	return short_name_candidates(w->name, &w->fetch->aliases, &w->fetch->search, ret, e);
}

static int find_here(const struct image_wish *w, struct image *ret, struct err *e)
{
	const struct image_names names = {.aliases = w->fetch->aliases, .search = w->fetch->search};
	auto_free char *name = NULL;
	struct image image = {0};

	if (image_names_find(&names, w->dirs, w->name, &name, e) < 0 ||
	    store_find(w->dirs, name, &image, e) < 0)
		return -1;
	if (check_platform(w, &image, e) < 0) {
		image_free(&image);
		return -1;
	}
	*ret = image;
	return 0;
}

int image_find_local(const struct image_wish *w, struct image *ret, struct err *e)
{
	if (find_here(w, ret, e) < 0)
		return -1;
	warn_of_platform(w, ret);
	return 0;
}

/*
 * The manifest that the store has under that very name for the platform that is asked for, owned by
 * the caller, or NULL.
 */
static char *digest_here(const struct image_wish *w, const char *full)
{
	struct image image = {0};
	struct err ignored;
	char *digest = NULL;

	if (store_find(w->dirs, full, &image, &ignored) == 0 &&
	    check_platform(w, &image, &ignored) == 0)
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
	if (rc < 0 || store_find(w->dirs, full, ret, e) < 0)
		return -1;
	/* Of one that it took in rlc-image has told. */
	if (!id)
		warn_of_platform(w, ret);
	return 0;
}

/* An error in a line. */
static char *reason_of(const struct err *e)
{
	return xasprintf("%s%s%s", e->what, e->sys ? ": " : "", e->sys ? strerror(e->sys) : "");
}

/* Of what another way helped out of: no error, so that the hint is left out. */
static void tell(const char *what, const char *reason)
{
	auto_str struct str text = {0};

	str_add_visible(&text, what);
	str_add_visible(&text, reason);
	log_warn("%s", str_get(&text));
}

/* One that is down says nothing about what it has: each is told with its own reason. */
static int refused_by_all(const struct image_wish *w, const struct strv *reasons, struct err *e)
{
	auto_str struct str text = {0};

	for (size_t i = 0; i < reasons->n; i++)
		str_addf(&text, "%s%s", i ? "; " : "", reasons->v[i]);
	err_msg(e, "none of %zu registries gave %.300s: %s", reasons->n, w->name, str_get(&text));
	return err_hint(e,
			"name the registry: rlc pull HOST/%.300s; registry-search of "
			"rlc.yaml(5) says where short names are looked for",
			w->name);
}

static int fetch(const struct image_wish *w, struct image *ret, struct err *e)
{
	auto_strv struct strv names = {0}, reasons = {0};
	int rc = -1;

	if (candidates(w, &names, e) < 0)
		return -1;
	for (size_t i = 0; rc < 0 && i < names.n; i++) {
		rc = fetch_one(w, names.v[i], ret, e);
		/* Given up by a signal: the others are not meant either. */
		if (rc < 0 && e->exit > 128)
			return -1;
		if (rc < 0)
			strv_take(&reasons, reason_of(e));
	}
	if (rc == 0) {
		for (size_t i = 0; i < reasons.n; i++)
			tell("", reasons.v[i]);
		return 0;
	}
	/* So are images called that somebody made here. */
	if (str_starts(names.v[0], "localhost/")) {
		err_ctx(e, "no image %.300s here", w->name);
		return err_hint(e, "rlc images lists what is here");
	}
	return reasons.n > 1 ? refused_by_all(w, &reasons, e) : -1;
}

int image_find(const struct image_wish *w, struct image *ret, struct err *e)
{
	struct image here = {0};
	auto_free char *what = NULL, *reason = NULL;
	bool is_here;

	if (w->policy == PULL_ALWAYS)
		return fetch(w, ret, e);
	is_here = find_here(w, &here, e) == 0;
	if (is_here && w->policy != PULL_NEWER) {
		warn_of_platform(w, &here);
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
	reason = reason_of(e);
	tell(what, reason);
	*ret = here;
	return 0;
}
