/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `rlc pause` and `rlc unpause`: stop all processes of containers, and let them go on. The words
 * for what is in the wrong state are podman's.
 */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/cgroup_freeze.h"
#include "lib/state/process.h"
#include "lib/state/record_text.h"

enum { BIRTH_MS = 5000, FREEZE_MS = 10000 };

/* clang-format off */
static const struct option_row pause_rows[] = {
	SELECTION_ALL("Pause every container that runs"),
	SELECTION_CIDFILE,
	SELECTION_LATEST,
};
static const struct option_row unpause_rows[] = {
	SELECTION_ALL("Let every paused container go on"),
	SELECTION_CIDFILE,
	SELECTION_LATEST,
};
/* clang-format on */

const struct option_set pause_options = {
    .program = "rlc pause",
    .rows = pause_rows,
    .n_rows = array_len(pause_rows),
    .outer = &global_options,
};
const struct option_set unpause_options = {
    .program = "rlc unpause",
    .rows = unpause_rows,
    .n_rows = array_len(unpause_rows),
    .outer = &global_options,
};

static int err_without_group(const char *name, struct err *e)
{
	err_msg(e,
		"container %s cannot be paused: it has no control group, in which its processes "
		"could be stopped together",
		name);
	return err_hint(e,
			"a container gets one where rlc run may make it; rlc doctor says how "
			"(cgroup)\nuntil then, for its first process: rlc kill -s STOP %s",
			name);
}

static int pause_one(const char *name, const struct process *p, struct err *e)
{
	if (p->fd < 0) {
		err_msg(e, "container %s is not running, can't pause: it is %s", name,
			record_status_name(p->status));
		return err_hint(e, "only one that runs can be; see: rlc ps");
	}
	if (!p->cgroup[0])
		return err_without_group(name, e);
	if (cgroup_is_frozen(p->cgroup))
		return err_msg(e, "container %s is already paused", name);
	if (cgroup_freeze(p->cgroup, FREEZE_MS, e) < 0)
		return err_ctx(e, "pause container %s", name);
	return 0;
}

static int unpause_one(const char *name, const struct process *p, struct err *e)
{
	if (p->fd < 0 || !cgroup_is_frozen(p->cgroup)) {
		err_msg(e, "container %s is not paused, can't unpause: it is %s", name,
			record_status_name(p->status));
		return err_hint(e, "see: rlc ps -a --filter status=paused");
	}
	if (cgroup_thaw(p->cgroup, e) < 0)
		return err_ctx(e, "unpause container %s", name);
	return 0;
}

static int each(const struct dirs *d, const struct selected *s,
		int (*one)(const char *name, const struct process *p, struct err *e), int status)
{
	for (size_t i = 0; i < s->ids.n; i++) {
		struct process p = {.fd = -1};
		struct err e;

		if (process_open_born(d, s->ids.v[i], BIRTH_MS, &p, &e) < 0 ||
		    one(s->names.v[i], &p, &e) < 0)
			containers_tell(&e, &status);
		else
			puts(s->names.v[i]);
		if (p.fd >= 0)
			close(p.fd);
	}
	/* Podman's: also where none of that name is there. */
	return status ? EXIT_LAUNCHER : 0;
}

static int run(struct context *c, int argc, char **argv, enum record_status wanted,
	       int (*one)(const char *name, const struct process *p, struct err *e), struct err *e)
{
	auto_selected struct selected s = {0};
	struct selection which = {0};
	const struct dirs *d;
	int at = command_parse(c, argc, argv, &which, e), status = 0, result = -1;

	if (at >= 0 && context_dirs(c, &d, e) == 0)
		result =
		    selection_find(&which, d, argc - at, argv + at, 1u << wanted, &s, &status, e);
	selection_free(&which);
	return result < 0 ? -1 : each(d, &s, one, status);
}

int cmd_pause(struct context *c, int argc, char **argv, struct err *e)
{
	return run(c, argc, argv, STATUS_RUNNING, pause_one, e);
}

int cmd_unpause(struct context *c, int argc, char **argv, struct err *e)
{
	return run(c, argc, argv, STATUS_PAUSED, unpause_one, e);
}
