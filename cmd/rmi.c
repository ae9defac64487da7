/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc rmi` and `rlc tag`: names of images given and taken away. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/halt.h"
#include "cmd/image_names.h"
#include "cmd/report.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/strv.h"
#include "lib/kernel/idmap.h"
#include "lib/state/record.h"
#include "storage/store.h"

struct rmi_request {
	bool all, force, ignore;
	/* found on the way */
	const struct dirs *dirs;
	struct image_names names;
	struct id_map map;
};

#define BOOL(member)                                                                               \
	.group = "Options", .at = option_at(struct rmi_request, member, bool),                     \
	.set = option_set_bool

static const struct option_row rmi_rows[] = {
    {"all", 'a', .help = "Remove every image", BOOL(all)},
    {"force", 'f', .help = "Stop and remove its containers first, and take all its names",
     BOOL(force)},
    {"ignore", 'i', .help = "An image that is not there is no error", BOOL(ignore)},
};

static const struct option_refused rmi_refused[] = {
    {"no-prune", .way = "leave it out: layers that other images use always stay"},
    {0},
};

const struct option_set rmi_options = {
    .program = "rlc rmi",
    .rows = rmi_rows,
    .n_rows = array_len(rmi_rows),
    .refused = rmi_refused,
    .outer = &global_options,
};

const struct option_set tag_options = {.program = "rlc tag", .outer = &global_options};

/* As `rlc rm -f`. One of --rm is removed by its own monitor while we wait for it. */
static int remove_container(const struct dirs *d, const char *id, struct err *e)
{
	struct halt halt;

	if (halt_begin(d, id, HALT_AS_RECORDED, HALT_KILLS_PAUSED, &halt, e) < 0 ||
	    halt_finish(d, &halt, e) < 0 || record_remove(d, id, e) < 0)
		return e->exit == 1 ? 0 : -1;
	return 0;
}

struct doomed {
	const struct dirs *dirs;
	const char *image_id;
};

static int remove_if_doomed(const struct record *r, void *arg, struct err *e)
{
	const struct doomed *d = arg;

	return strcmp(r->image_id, d->image_id) == 0 ? remove_container(d->dirs, r->id, e) : 0;
}

/* Ends and forgets the containers of an image. */
static int remove_containers(const struct dirs *d, const char *image_id, struct err *e)
{
	struct doomed doomed = {d, image_id};

	return containers_each(d, remove_if_doomed, &doomed, e);
}

/* Whether `reference` names the image as a whole, so that it goes: by its id, or its last name. */
static int is_whole(const struct dirs *d, const struct image *image, bool *ret, struct err *e)
{
	struct image_row *rows;
	size_t n, names = 0;

	if (store_list(d, &rows, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		names += strcmp(rows[i].id, image->id) == 0;
	image_rows_free(rows, n);
	*ret = !image->name || names < 2;
	return 0;
}

/* With --force containers of the image are forgotten; ids of the others' images go to *used. */
static int find_used(const struct rmi_request *r, const char *reference, struct strv *used,
		     struct err *e)
{
	struct image image = {0};
	struct err damaged;
	bool whole = false;
	int rc = 0;

	/* Of a damaged image no container is known; store_remove() tells what is wrong. */
	if (r->force && store_find(r->dirs, reference, &image, &damaged) == 0)
		rc = is_whole(r->dirs, &image, &whole, e);
	if (rc == 0 && whole)
		rc = remove_containers(r->dirs, image.id, e);
	if (rc == 0)
		rc = containers_images(r->dirs, used, e);
	image_free(&image);
	return rc;
}

static int remove_one(void *to, const char *typed, struct err *e)
{
	struct rmi_request *r = to;
	auto_strv struct strv used = {0}, report = {0};
	auto_free char *reference = NULL;
	int rc = image_names_find(&r->names, r->dirs, typed, &reference, e);

	if (rc == 0)
		rc = find_used(r, reference, &used, e);
	if (rc == 0)
		rc = store_remove(r->dirs, &r->map, reference, &used, r->force, &report, e);
	for (size_t i = 0; i < report.n; i++)
		puts(report.v[i]);
	return rc < 0 && r->ignore && e->exit == 1 ? 0 : rc;
}

/* Name by name, since an id that has several goes only by force. */
static int remove_all(struct rmi_request *r, struct err *e)
{
	struct image_row *rows;
	auto_strv struct strv names = {0};
	size_t n;

	if (store_list(r->dirs, &rows, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		strv_add(&names, rows[i].reference ? rows[i].reference : rows[i].id);
	image_rows_free(rows, n);
	return report_each((int)names.n, names.v, remove_one, r);
}

int cmd_rmi(struct context *c, int argc, char **argv, struct err *e)
{
	struct rmi_request r = {0};
	int at = command_parse(c, argc, argv, &r, e), rc;

	if (at < 0)
		return -1;
	if (r.all == (at < argc)) {
		err_msg(e,
			r.all ? "rmi: --all and names exclude each other" : "rmi: no image given");
		return err_hint(e, "write: rlc rmi IMAGE..., or rlc rmi --all");
	}
	if (context_dirs(c, &r.dirs, e) < 0 || idmap_for_caller(&r.map, e) < 0 ||
	    image_names_load(c, &r.names, e) < 0)
		return -1;
	rc = r.all ? remove_all(&r, e) : report_each(argc - at, argv + at, remove_one, &r);
	image_names_free(&r.names);
	return rc;
}

/* What `rlc tag` names, and where. */
struct tag_request {
	const struct dirs *dirs;
	const char *image;
};

static int tag_one(void *to, const char *name, struct err *e)
{
	const struct tag_request *r = to;

	return store_tag(r->dirs, r->image, name, e);
}

int cmd_tag(struct context *c, int argc, char **argv, struct err *e)
{
	auto_image_names struct image_names names = {0};
	struct tag_request r = {0};
	int at = command_parse(c, argc, argv, NULL, e);
	auto_free char *image = NULL;

	if (at < 0 || context_dirs(c, &r.dirs, e) < 0 || image_names_load(c, &names, e) < 0 ||
	    image_names_find(&names, r.dirs, argv[at], &image, e) < 0)
		return -1;
	r.image = image;
	return report_each(argc - at - 1, argv + at + 1, tag_one, &r);
}
