/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc stop`: asks containers to end, and sees to it. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/halt.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"

struct stop_request {
	struct selection which;
	int seconds;
};

static int set_time(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct stop_request *r = to;

	(void)row;
	return halt_parse_seconds(value, &r->seconds, e);
}

/* clang-format off */
static const struct option_row rows[] = {
	SELECTION_ALL("Stop every container that runs"),
	SELECTION_CIDFILE,
	SELECTION_IGNORE,
	SELECTION_LATEST,
	{"time", 't', .metavar = "SECONDS", .group = "Options", .set = set_time,
	 .help = "Wait so long before it is killed (default: as run, 10)",
	 .text = "0 kills at once, -1 waits for ever. A container whose first process neither "
		 "catches nor blocks its stop signal is killed at once: the kernel would drop "
		 "the signal."},
};
/* clang-format on */

const struct option_set stop_options = {
    .program = "rlc stop",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

/* All are asked first: those that take their time take it together. */
static int stop_all(const struct dirs *d, const struct selected *s, int seconds)
{
	auto_free struct halt *halts = xcalloc(s->ids.n, sizeof(*halts));
	int status = 0;
	struct err e;

	for (size_t i = 0; i < s->ids.n; i++)
		if (halt_begin(d, s->ids.v[i], seconds, HALT_REFUSES_PAUSED, &halts[i], &e) < 0)
			containers_tell(&e, &status);
	for (size_t i = 0; i < s->ids.n; i++) {
		if (!halts[i].id)
			continue;
		if (halt_finish(d, &halts[i], &e) == 0)
			puts(s->names.v[i]);
		else
			containers_tell(&e, &status);
	}
	return status;
}

int cmd_stop(struct context *c, int argc, char **argv, struct err *e)
{
	struct stop_request r = {.seconds = HALT_AS_RECORDED};
	auto_selected struct selected s = {0};
	const struct dirs *d;
	int at = command_parse(c, argc, argv, &r, e), status = 0, stopped, result = -1;

	if (at >= 0 && context_dirs(c, &d, e) == 0)
		result = selection_find(&r.which, d, argc - at, argv + at,
					1u << STATUS_RUNNING | 1u << STATUS_CREATED |
					    1u << STATUS_PAUSED,
					&s, &status, e);
	selection_free(&r.which);
	if (result < 0)
		return -1;
	stopped = stop_all(d, &s, r.seconds);
	return stopped > status ? stopped : status;
}
