/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc pull`: images out of registries, fetched by rlc-fetch and unpacked by rlc-image. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/image_find.h"
#include "cmd/pull_options.h"
#include "cmd/report.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/idmap.h"
#include "storage/store.h"

#include <stdio.h>

static const struct option_row rows[] = {
    {"policy", .metavar = "WHEN", .values = PULL_POLICIES, .group = "Options",
     .at = option_at(struct spec, pull, enum pull_policy), .set = option_set_choice,
     .help = "When to fetch the image (default: always)", .text = PULL_POLICIES_TEXT},
    PULL_ROWS("Options"),
};

static const struct option_refused refused[] = {
    {"all-tags", 'a', "name each tag; skopeo list-tags docker://NAME lists them"},
    {"arch", .way = "--platform linux/ARCHITECTURE"},
    {"os", .way = "--platform linux/ARCHITECTURE"},
    {"variant", .way = "--platform linux/ARCHITECTURE/VARIANT"},
    {"authfile", .way = PULL_NO_LOGIN},
    {"creds", .way = PULL_NO_LOGIN},
    {"decryption-key", .way = PULL_NO_DECRYPTION},
    {"disable-content-trust", .way = "leave it out: digests are always verified"},
    {"signature-policy", .way = "leave it out: digests are always verified"},
    {0},
};

const struct option_set pull_options = {
    .program = "rlc pull",
    .rows = rows,
    .n_rows = array_len(rows),
    .refused = refused,
    .outer = &global_options,
};

static int pull_one(struct image_wish *w, const char *operand, struct err *e)
{
	struct image image = {0};

	w->name = operand;
	if (image_find(w, &image, e) < 0)
		return -1;
	puts(image.id);
	/* Whoever reads a pipe may begin with it while the next one comes. */
	fflush(stdout);
	image_free(&image);
	return 0;
}

/* Several as podman does it: each is tried. One that was given up by a signal ends it. */
static int pull_all(struct image_wish *w, int n, char **operands, struct err *e)
{
	bool failed = false;

	for (int i = 0; i < n; i++) {
		if (pull_one(w, operands[i], e) == 0)
			continue;
		if (i + 1 == n || e->exit > 128)
			return -1;
		report_error(e);
		failed = true;
	}
	return failed ? EXIT_LAUNCHER : 0;
}

int cmd_pull(struct context *c, int argc, char **argv, struct err *e)
{
	struct spec spec;
	struct image_wish w = {.fetch = &spec.fetch};
	struct id_map map;
	int at, rc = -1;

	spec_init(&spec);
	spec.pull = PULL_ALWAYS;
	if (settings_apply(&c->settings, false, &pull_options, &spec, e) < 0)
		goto out;
	/* A setting of when to fetch is about starts. */
	at = command_parse(c, argc, argv, &spec, e);
	if (at < 0 || context_dirs(c, &w.dirs, e) < 0 || idmap_for_caller(&map, e) < 0)
		goto out;
	w.map = &map;
	w.policy = spec.pull;
	rc = pull_all(&w, argc - at, argv + at, e);
out:
	spec_free(&spec);
	return rc;
}
