/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc logs`: prints what containers have said. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/log_print.h"
#include "cmd/when.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <time.h>

struct logs_request {
	struct selection which;
	bool follow, times;
	int64_t tail; /* -1: all */
	char *since, *until;
};

static int set_tail(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct logs_request *r = to;

	(void)row;
	r->tail = -1;
	if (strcmp(value, "all") == 0 || str_to_i64(value, -1, INT64_MAX, &r->tail))
		return 0;
	err_msg(e, "not a number of lines");
	return err_hint(e, "write --tail 10, or --tail all");
}

#define BOOL(member) .at = option_at(struct logs_request, member, bool), .set = option_set_bool
#define TEXT(member) .at = option_at(struct logs_request, member, char *), .set = option_set_text

/* clang-format off */
static const struct option_row rows[] = {
	{"follow", 'f', .group = "Options", BOOL(follow),
	 .help = "Go on printing until the container ends"},
	SELECTION_LATEST,
	{"since", .metavar = "TIME", .group = "Options", TEXT(since),
	 .help = "Leave out what is older",
	 .text = "_10m_ or _1h30m_ ago, _2026-01-01T00:00:00Z_ (without a zone: local time), or "
		 "seconds since 1970."},
	{"tail", 'n', .metavar = "LINES", .group = "Options", .set = set_tail,
	 .help = "Begin with the last lines (default: all)"},
	{"timestamps", 't', .group = "Options", BOOL(times),
	 .help = "Put the time in front of each line"},
	{"until", .metavar = "TIME", .group = "Options", TEXT(until),
	 .help = "Leave out what is newer"},
};
/* clang-format on */

const struct option_set logs_options = {
    .program = "rlc logs",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int read_times(const struct logs_request *r, struct log_print *p, struct err *e)
{
	int64_t now = now_ns();

	p->until_ns = INT64_MAX;
	if (r->since && when_parse(r->since, now, &p->since_ns, e) < 0)
		return err_ctx(e, "--since %s", r->since);
	if (r->until && when_parse(r->until, now, &p->until_ns, e) < 0)
		return err_ctx(e, "--until %s", r->until);
	return 0;
}

static int print_one(const struct dirs *d, const char *id, struct log_print *p, struct err *e)
{
	struct record_state s;
	struct record r;
	int result;

	if (record_load(d, id, &r, &s, e) < 0)
		return -1;
	/* Escapes of a container that has no terminal were not meant for ours. */
	p->plain = !r.terminal;
	if (r.log_path) {
		result = log_print(d, id, r.log_path, p, e);
	} else {
		err_msg(e, "container %s keeps no log", r.name);
		result =
		    err_hint(e, "what rlc run --rm starts in the foreground prints to its caller; "
				"run it with -d, or without --rm");
	}
	record_free(&r);
	return result;
}

static int print_all(struct context *c, const struct logs_request *r, int n, char **operands,
		     struct err *e)
{
	struct log_print p = {.follow = r->follow, .times = r->times, .tail = r->tail};
	auto_selected struct selected s = {0};
	const struct dirs *d;
	int status = 0;
	struct err one;

	if (read_times(r, &p, e) < 0 || context_dirs(c, &d, e) < 0 ||
	    selection_find(&r->which, d, n, operands, ALL_STATES, &s, &status, e) < 0)
		return -1;
	if (p.follow && s.ids.n > 1)
		return err_msg(e, "--follow takes one container");
	for (size_t i = 0; i < s.ids.n; i++)
		if (print_one(d, s.ids.v[i], &p, &one) < 0)
			containers_tell(&one, &status);
	return status == 1 ? EXIT_LAUNCHER : status;
}

int cmd_logs(struct context *c, int argc, char **argv, struct err *e)
{
	struct logs_request r = {.tail = -1};
	int at = command_parse(c, argc, argv, &r, e), result = -1;

	if (at >= 0)
		result = print_all(c, &r, argc - at, argv + at, e);
	free(r.since);
	free(r.until);
	selection_free(&r.which);
	return result;
}
