/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc rm`: forgets containers and removes their files. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/halt.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/kernel/idmap.h"
#include "storage/sweep.h"

struct rm_request {
	struct selection which;
	bool force;
	int seconds;
};

static int set_time(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct rm_request *r = to;

	(void)row;
	return halt_parse_seconds(value, &r->seconds, e);
}

/* clang-format off */
static const struct option_row rows[] = {
	SELECTION_ALL("Remove every container"),
	SELECTION_CIDFILE,
	{"force", 'f', .group = "Options", .at = option_at(struct rm_request, force, bool),
	 .set = option_set_bool, .help = "Stop those that run first, and pass over what is not there"},
	SELECTION_IGNORE,
	SELECTION_LATEST,
	{"time", 't', .metavar = "SECONDS", .group = "Options", .set = set_time,
	 .help = "With --force: wait so long before it is killed (default: as run, 10)"},
};
static const struct option_refused refused[] = {
	{"volumes", 'v', "no volume belongs to a container here; leave it out"},
	{"depend", 0, "no container depends on another here; leave it out"},
	{0},
};
/* clang-format on */

const struct option_set rm_options = {
    .program = "rlc rm",
    .rows = rows,
    .n_rows = array_len(rows),
    .refused = refused,
    .outer = &global_options,
};

/* Whether a killed monitor's container went as its --rm wanted it; any other keeps no cgroup. */
static bool clean_lost(const struct dirs *d, const char *id)
{
	struct record_state s;
	struct record r;
	struct err unreadable;
	bool gone;

	if (record_load(d, id, &r, &s, &unreadable) < 0)
		return false;
	gone = record_clean_lost(d, &r, &s);
	record_free(&r);
	return gone;
}

/* A --rm container is removed by its own monitor while we wait for it. */
static int remove_one(const struct dirs *d, const char *id, bool force, struct err *e)
{
	if (clean_lost(d, id) || record_remove(d, id, e) == 0 || (force && e->exit == 1))
		return 0;
	return -1;
}

/* Asks all of them to end, and waits. What cannot be asked is left to remove_one() to judge. */
static void stop_all(const struct dirs *d, const struct strv *ids, int seconds)
{
	auto_free struct halt *halts = xcalloc(ids->n, sizeof(*halts));
	struct err e;

	for (size_t i = 0; i < ids->n; i++)
		if (halt_begin(d, ids->v[i], seconds, HALT_KILLS_PAUSED, &halts[i], &e) < 0)
			log_debug("%s", e.what);
	for (size_t i = 0; i < ids->n; i++)
		if (halts[i].id && halt_finish(d, &halts[i], &e) < 0)
			log_warn("%s", e.what);
}

/* Files of subordinate ids take a user namespace to delete; whatever lies there goes at once. */
static void sweep(const struct dirs *d, int *status)
{
	struct id_map map;
	struct err e;

	if (idmap_for_caller(&map, &e) < 0 || sweep_run(d, &map, &e) < 0)
		containers_tell(&e, status);
}

static int remove_all(const struct dirs *d, const struct selected *s, const struct rm_request *r)
{
	int status = 0;
	struct err e;

	if (r->force)
		stop_all(d, &s->ids, r->seconds);
	for (size_t i = 0; i < s->ids.n; i++) {
		if (remove_one(d, s->ids.v[i], r->force, &e) == 0)
			puts(s->names.v[i]);
		else
			containers_tell(&e, &status);
	}
	if (s->ids.n)
		sweep(d, &status);
	return status;
}

int cmd_rm(struct context *c, int argc, char **argv, struct err *e)
{
	struct rm_request r = {.seconds = HALT_AS_RECORDED};
	auto_selected struct selected s = {0};
	const struct dirs *d;
	int at = command_parse(c, argc, argv, &r, e), status = 0, removed, result = -1;

	/* podman rm -f of what is not there is no failure either. */
	r.which.ignore |= r.force;
	if (at >= 0 && r.seconds != HALT_AS_RECORDED && !r.force)
		err_msg(e, "--time needs --force");
	else if (at >= 0 && context_dirs(c, &d, e) == 0)
		result =
		    selection_find(&r.which, d, argc - at, argv + at, ALL_STATES, &s, &status, e);
	selection_free(&r.which);
	if (result < 0)
		return -1;
	removed = remove_all(d, &s, &r);
	return removed > status ? removed : status;
}
