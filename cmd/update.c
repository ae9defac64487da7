/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc update`: other limits for containers that run. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/limit_options.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/kernel/cgroup.h"
#include "lib/kernel/cgroup_limits.h"
#include "lib/state/record_text.h"

#include <fcntl.h>
#include <stdio.h>

struct update_request {
	struct selection which;
	struct spec_limits limits;
};

static const char LIMITS[] = "Limits", OPTIONS[] = "Options";

/* clang-format off */
static const struct option_row rows[] = {
	LIMIT_ROWS(LIMITS, struct update_request, limits),
	{"latest", 'l', .group = OPTIONS, .at = option_at(struct selection, latest, bool),
	 .set = option_set_bool, .help = "Take the container made last"},
};
/* clang-format on */

const struct option_set update_options = {
    .program = "rlc update",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

/* One container on its way to other limits. */
struct change {
	const struct spec_limits *asked;
	struct spec_limits before, after;
	struct json_object *config, *linux_part;
	struct cgroup_place place;
	int group;
};

/* What holds now stands in the container's config.json. */
static int read_before(const struct dirs *d, const char *id, struct change *c, struct err *e)
{
	auto_free char *text = NULL;
	struct json_object *resources = NULL;

	if (record_load_config(d, id, &text, e) < 0)
		return -1;
	if (!text)
		return err_msg(e, "it has no config.json");
	if (json_parse(text, strlen(text), "config.json", &c->config, e) < 0 ||
	    json_get_object(c->config, "linux", &c->linux_part, e) < 0)
		return -1;
	if (!c->linux_part)
		return err_msg(e, "config.json: no \"linux\"");
	if (json_get_object(c->linux_part, "resources", &resources, e) < 0)
		return -1;
	return resources ? limits_from_oci(resources, &c->before, e) : 0;
}

static int open_group(const struct dirs *d, const char *id, struct change *c, struct err *e)
{
	struct record_state s;
	struct record r;

	if (record_load(d, id, &r, &s, e) < 0)
		return -1;
	record_free(&r);
	if (s.status != STATUS_RUNNING) {
		err_msg(e, "it is %s", record_status_name(s.status));
		return err_hint(e, "only one that runs has limits to change; see: rlc ps");
	}
	if (!s.cgroup[0]) {
		err_msg(e, "it was started without a control group");
		return err_hint(e,
				"start it anew with the limit; rlc doctor tells whether there can "
				"be one here");
	}
	if (cgroup_place_of(s.cgroup, &c->place, e) < 0)
		return -1;
	c->group = open(s.cgroup, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return c->group < 0 ? err_sys(e, "open cgroup %s", s.cgroup) : 0;
}

/* Half of a change is none: what was set of it is taken back. */
static int set(struct change *c, struct err *e)
{
	struct err ignored;

	if (cgroup_limit(c->group, &c->place, &c->after, c->asked, e) == 0)
		return 0;
	limits_lift(&c->before);
	c->before.best_effort = true;
	(void)cgroup_limit(c->group, &c->place, &c->before, c->asked, &ignored);
	return -1;
}

static int change(const struct dirs *d, const char *id, struct change *c, struct err *e)
{
	struct spec_limits wanted;
	int rc;

	/* Two at once would each write down only their own. */
	auto_fd int lock = record_lock_config(d, id, e);

	if (lock < 0 || open_group(d, id, c, e) < 0 || read_before(d, id, c, e) < 0)
		return -1;
	limits_copy(&c->after, &c->before);
	limits_merge(&c->after, c->asked);
	if (limits_check(&c->after, e) < 0)
		return -1;
	limits_copy(&wanted, c->asked);
	rc = cgroup_check(&c->place, &wanted, e);
	limits_free(&wanted);
	if (rc < 0 || set(c, e) < 0)
		return -1;
	json_object_object_del(c->linux_part, "resources");
	limits_to_oci(&c->after, c->linux_part);
	return record_set_config(
	    d, id,
	    json_object_to_json_string_ext(c->config,
					   JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
	    e);
}

static int update_one(const struct dirs *d, const char *id, const char *name,
		      const struct spec_limits *asked, struct err *e)
{
	struct change c = {.asked = asked, .group = -1};
	int rc;

	limits_init(&c.before);
	limits_init(&c.after);
	rc = change(d, id, &c, e);
	limits_free(&c.before);
	limits_free(&c.after);
	json_object_put(c.config);
	if (c.group >= 0)
		close(c.group);
	return rc < 0 ? err_ctx(e, "update container %s", name) : 0;
}

static int update_all(const struct dirs *d, const struct selected *s,
		      const struct spec_limits *asked, int status)
{
	struct err e;

	for (size_t i = 0; i < s->ids.n; i++) {
		if (update_one(d, s->ids.v[i], s->names.v[i], asked, &e) < 0)
			containers_tell(&e, &status);
		else
			puts(s->names.v[i]);
	}
	return status;
}

int cmd_update(struct context *c, int argc, char **argv, struct err *e)
{
	struct update_request r = {0};
	auto_selected struct selected s = {0};
	const struct dirs *d;
	int at, status = 0, result = -1;

	limits_init(&r.limits);
	at = command_parse(c, argc, argv, &r, e);
	if (at >= 0 && !limits_asked(&r.limits)) {
		err_msg(e, "update: no limit is given");
		err_hint(e, "name one: rlc update --memory 512m CONTAINER");
	} else if (at >= 0 && context_dirs(c, &d, e) == 0) {
		result = selection_find(&r.which, d, argc - at, argv + at, 1u << STATUS_RUNNING, &s,
					&status, e);
	}
	if (result == 0)
		result = update_all(d, &s, &r.limits, status);
	selection_free(&r.which);
	limits_free(&r.limits);
	return result;
}
