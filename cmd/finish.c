/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rlc-monitor has done by rlc, and nobody else: `rlc finish ID STATUS`, which it becomes when
 * its container has ended (same process, same lock), and `rlc note ID TEXT`, its child, for what
 * happens meanwhile.
 */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/launch/launch.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/kernel/idmap.h"
#include "lib/state/record.h"

const struct option_set finish_options = {.program = "rlc finish", .outer = &global_options};
const struct option_set note_options = {.program = "rlc note", .outer = &global_options};

/* The container that argv names, if `monitor` is the process that watches it. */
static int load(struct context *c, const char *id, pid_t monitor, const struct dirs **ret_dirs,
		struct record *r, struct record_state *s, struct err *e)
{
	if (context_dirs(c, ret_dirs, e) < 0 || record_load(*ret_dirs, id, r, s, e) < 0)
		return -1;
	if (s->status == STATUS_RUNNING && s->monitor_pid == monitor)
		return 0;
	record_free(r);
	err_msg(e, "this is not the monitor of container %.12s", id);
	return err_hint(e, "rlc stop %.12s ends a container", id);
}

int cmd_finish(struct context *c, int argc, char **argv, struct err *e)
{
	int at = command_parse(c, argc, argv, NULL, e), rc;
	const struct dirs *d;
	struct record_state s;
	struct record r = {0};
	struct id_map map;
	int64_t status;

	if (at < 0)
		return -1;
	if (!str_to_i64(argv[at + 1], -1, 255, &status))
		return err_msg(e, "%s is no exit status", argv[at + 1]);
	if (idmap_for_caller(&map, e) < 0 || load(c, argv[at], getpid(), &d, &r, &s, e) < 0)
		return -1;
	rc = launch_finish(d, &map, &r, &s, (int)status, e);
	record_free(&r);
	return rc;
}

int cmd_note(struct context *c, int argc, char **argv, struct err *e)
{
	int at = command_parse(c, argc, argv, NULL, e);
	auto_str struct str text = {0};
	const struct dirs *d;
	struct record_state s;
	struct record r = {0};

	if (at < 0 || load(c, argv[at], getppid(), &d, &r, &s, e) < 0)
		return -1;
	record_free(&r);
	/* In it are the last words of a process that reads what strangers send. */
	str_add_visible(&text, argv[at + 1]);
	snprintf(s.error, sizeof(s.error), "%.500s", str_get(&text));
	return record_set_state(d, argv[at], &s, e);
}
