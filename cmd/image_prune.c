/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc image prune`: removes images that no container has. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/kernel/idmap.h"
#include "storage/prune.h"
#include "storage/store.h"
#include "storage/sweep.h"

struct prune_request {
	bool all, force;
};

#define BOOL(member)                                                                               \
	.group = "Options", .at = option_at(struct prune_request, member, bool),                   \
	.set = option_set_bool

static const struct option_row rows[] = {
    {"all", 'a', .help = "Those with names too", BOOL(all)},
    {"force", 'f', .help = "Do not ask", BOOL(force)},
};

static const struct option_refused refused[] = {
    {"filter", .way = "name what is to go: rlc rmi IMAGE..."},
    {0},
};

const struct option_set image_prune_options = {
    .program = "rlc image prune",
    .rows = rows,
    .n_rows = array_len(rows),
    .refused = refused,
    .outer = &global_options,
};

/* 1: yes, 0: no, -1: there is nobody to ask. */
static int ask(const struct prune_request *r, struct err *e)
{
	char answer[16] = "";

	if (r->force)
		return 1;
	if (!isatty(STDIN_FILENO)) {
		err_msg(e, "image prune: standard input is no terminal to ask on");
		return err_hint(e, "write: rlc image prune --force");
	}
	printf("Remove all %s that no container has? [y/N] ",
	       r->all ? "images" : "images without a name");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

static bool has_name(const struct image_row *images, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (images[i].name && strcmp(images[i].id, id) == 0)
			return true;
	return false;
}

struct pruning {
	const struct dirs *dirs;
	struct id_map map;
	struct strv used, removed;
};

/* What gets a container meanwhile stays: store_remove looks again, with the index locked. */
static int prune_one(struct pruning *p, const struct image_row *image, struct err *e)
{
	const char *reference = image->reference ? image->reference : image->id;
	auto_strv struct strv report = {0};

	/* Gone with its last name, or in use since. */
	if (store_remove(p->dirs, &p->map, reference, &p->used, false, &report, e) < 0)
		return e->exit == 1 || e->exit == 2 ? 0 : -1;
	for (size_t i = 0; i < report.n; i++)
		if (str_starts(report.v[i], "Deleted: "))
			strv_add(&p->removed, report.v[i] + strlen("Deleted: "));
	return 0;
}

static int prune_all(const struct prune_request *r, struct pruning *p, struct err *e)
{
	struct image_row *images;
	int rc = containers_images(p->dirs, &p->used, e);
	size_t n;

	if (rc < 0 || store_list(p->dirs, &images, &n, e) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		bool named = has_name(images, n, images[i].id);

		/* The nameless manifest of an image with names goes when these go. */
		if (strv_has(&p->used, images[i].id) || (named && (!r->all || !images[i].name)))
			continue;
		rc = prune_one(p, &images[i], e);
	}
	image_rows_free(images, n);
	/* And what killed commands left. */
	if (rc < 0 || prune_unused(p->dirs, &p->map, e) < 0)
		return -1;
	return sweep_run(p->dirs, &p->map, e);
}

int cmd_image_prune(struct context *c, int argc, char **argv, struct err *e)
{
	struct prune_request r = {0};
	struct pruning p = {0};
	uint64_t before = 0, after = 0;
	char freed[16];
	int rc;

	if (command_parse(c, argc, argv, &r, e) < 0)
		return -1;
	rc = ask(&r, e);
	if (rc <= 0)
		return rc;
	if (context_dirs(c, &p.dirs, e) < 0 || idmap_for_caller(&p.map, e) < 0 ||
	    store_size(p.dirs, &before, e) < 0)
		return -1;
	rc = prune_all(&r, &p, e);
	if (rc == 0)
		rc = store_size(p.dirs, &after, e);
	for (size_t i = 0; i < p.removed.n; i++)
		puts(p.removed.v[i]);
	if (rc == 0)
		printf("Total reclaimed space: %s\n",
		       str_human_bytes(freed, sizeof(freed), before > after ? before - after : 0));
	strv_free(&p.used);
	strv_free(&p.removed);
	return rc;
}
