/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc stats`: what containers use, once or again and again. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/stats_row.h"
#include "cmd/table.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/state/process.h"
#include "lib/state/record_text.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>

enum { ID_SHOWN = 12, FIRST_MS = 250 };

struct stats_request {
	struct selection which;
	bool no_reset, no_stream, no_trunc, json;
	int seconds;
};

static int set_interval(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct stats_request *r = to;
	int64_t v;

	(void)row;
	if (!str_to_i64(value, 1, INT_MAX / 1000, &v)) {
		err_msg(e, "not a number of seconds");
		return err_hint(e, "one second is the least: --interval 1");
	}
	r->seconds = (int)v;
	return 0;
}

#define BOOL(member) .at = option_at(struct stats_request, member, bool), .set = option_set_bool

/* clang-format off */
static const struct option_row rows[] = {
	SELECTION_ALL("Show those that do not run, too"),
	{"format", .metavar = "FORMAT", .values = "json|table", .group = "Options",
	 .at = option_at(struct stats_request, json, bool), .set = table_set_format,
	 .help = "Print in this format: table or json (default: table)"},
	{"interval", 'i', .metavar = "SECONDS", .group = "Options", .set = set_interval,
	 .help = "Look again after so long (default: 5)"},
	SELECTION_LATEST,
	{"no-reset", .group = "Options", BOOL(no_reset),
	 .help = "Do not clear the terminal between two looks"},
	{"no-stream", .group = "Options", BOOL(no_stream), .help = "Look once, and end",
	 .text = "*CPU %* is that of a quarter of a second, otherwise of the time since the last "
		 "look; *AVG CPU %* that since the start. What the control group of a container "
		 "lacks the controller for is _--_, and so are the bytes of a network that is the "
		 "host's."},
	{"no-trunc", .group = "Options", BOOL(no_trunc), .help = "Show ids in full"},
};
/* clang-format on */

const struct option_set stats_options = {
    .program = "rlc stats",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

/* ---- looking ---- */

struct watched {
	char *id, *name;
	struct stats_look look;
	bool has_group;
};

/* Of one moment. */
struct round {
	struct watched *v;
	size_t n;
};

static void watched_free(struct watched *w)
{
	free(w->id);
	free(w->name);
	*w = (struct watched){0};
}

static void round_free(struct round *r)
{
	for (size_t i = 0; i < r->n; i++)
		watched_free(&r->v[i]);
	free(r->v);
	*r = (struct round){0};
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int look(const struct dirs *d, const char *id, struct watched *ret, struct err *e)
{
	struct watched w = {0};
	struct record_state s;
	struct process p;
	struct record r;

	if (process_open(d, id, &p, e) < 0)
		return -1;
	if (p.fd >= 0)
		close(p.fd);
	if (record_load(d, id, &r, &s, e) < 0)
		return -1;
	w.id = xstrdup(id);
	w.name = xstrdup(r.name);
	record_free(&r);
	w.has_group = p.cgroup[0] != '\0';
	w.look.runs = p.fd >= 0;
	if (w.look.runs) {
		w.look.life_ns = clock_ns(CLOCK_REALTIME) - s.started_ns;
		w.look.at_ns = clock_ns(CLOCK_BOOTTIME);
		cgroup_usage_read(p.cgroup, &w.look.usage);
		w.look.has_traffic = traffic_of(p.pid, &w.look.traffic);
	}
	*ret = w;
	return 0;
}

/* ---- printing ---- */

static const struct stats_look *look_before(const struct round *before, const char *id)
{
	for (size_t i = 0; i < before->n; i++)
		if (strcmp(before->v[i].id, id) == 0)
			return &before->v[i].look;
	return NULL;
}

static void cells_of(const struct watched *w, const struct round *before, bool whole_id,
		     char *cells[STATS_COLUMNS])
{
	const uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

	cells[STATS_ID] = xstrndup(w->id, whole_id ? RECORD_ID_LEN : ID_SHOWN);
	cells[STATS_NAME] = xstrdup(w->name);
	stats_row_format(&w->look, look_before(before, w->id), memory, cells);
}

static void cells_free(char *cells[STATS_COLUMNS])
{
	for (size_t i = 0; i < STATS_COLUMNS; i++)
		free(cells[i]);
}

static void add_table(const struct round *now, const struct round *before, bool whole_ids,
		      struct str *to)
{
	auto_table struct table t = {.columns = STATS_COLUMNS};
	char *cells[STATS_COLUMNS];

	for (size_t i = 0; i < STATS_COLUMNS; i++)
		table_add(&t, stats_columns[i].head);
	for (size_t i = 0; i < now->n; i++) {
		cells_of(&now->v[i], before, whole_ids, cells);
		for (size_t k = 0; k < STATS_COLUMNS; k++)
			table_add(&t, cells[k]);
		cells_free(cells);
	}
	table_format(&t, to);
}

static void add_json(const struct round *now, const struct round *before, bool whole_ids,
		     struct str *to)
{
	auto_json struct json_object *all = json_object_new_array();
	char *cells[STATS_COLUMNS];

	for (size_t i = 0; i < now->n; i++) {
		struct json_object *o = json_object_new_object();

		cells_of(&now->v[i], before, whole_ids, cells);
		for (size_t k = 0; k < STATS_COLUMNS; k++)
			json_add_str(o, stats_columns[k].key, cells[k]);
		cells_free(cells);
		json_object_array_add(all, o);
	}
	str_add(to, json_text(all));
	str_add(to, "\n");
}

static int print(const struct stats_request *r, const struct round *now, const struct round *before,
		 struct err *e)
{
	auto_str struct str text = {0};

	/* Home, and away with what was there: in one write, so that it does not flicker. */
	if (!r->no_stream && !r->no_reset && !r->json && isatty(STDOUT_FILENO))
		str_add(&text, "\033[H\033[J");
	(r->json ? add_json : add_table)(now, before, r->no_trunc, &text);
	if (fputs(str_get(&text), stdout) == EOF || fflush(stdout) == EOF)
		return err_sys(e, "write the statistics");
	return 0;
}

/* ---- again and again ---- */

static bool is_ignored(int sig)
{
	struct sigaction act;

	return sigaction(sig, NULL, &act) == 0 && act.sa_handler == SIG_IGN;
}

/* Ctrl-C is how it ends, and not in the midst of a line. */
static int open_signals(struct err *e)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < array_len(ends); i++)
		if (!is_ignored(ends[i]))
			sigaddset(&set, ends[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(e, "wait for signals");
	return fd;
}

/* 0: the time is over; else what came. */
static int nap(int signals, int ms)
{
	struct pollfd p = {.fd = signals, .events = POLLIN};
	struct signalfd_siginfo info;

	if (poll(&p, 1, ms) <= 0 || read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

struct watch {
	const struct dirs *dirs;
	const struct stats_request *request;
	int n;		 /* operands */
	char **operands; /* names of containers */
	bool named;
	int looks;  /* so far */
	int status; /* of what was told at the first */
	struct round before;
};

static int select_ids(struct watch *w, struct selected *ret, struct err *e)
{
	struct selection which = w->request->which;
	unsigned int wanted = ALL_STATES;
	int told = 0;

	if (!w->named && !which.all) {
		which.all = true;
		wanted = 1u << STATUS_RUNNING | 1u << STATUS_PAUSED;
	}
	which.ignore = w->looks > 0;
	return selection_find(&which, w->dirs, w->n, w->operands, wanted, ret,
			      w->looks ? &told : &w->status, e);
}

/* At the first look: what was named and cannot be shown, and why a line is empty. */
static void tell_first(struct watch *w, const struct watched *one)
{
	struct err e;

	if (one->look.runs && !one->has_group)
		log_warn("container %s has no control group, which would tell what it uses; rlc "
			 "doctor says how containers get one",
			 one->name);
	if (one->look.runs || !w->named)
		return;
	err_msg(&e, "container %s is not running: there is nothing to tell", one->name);
	err_hint(&e, "see: rlc ps -a");
	containers_tell(&e, &w->status);
}

/* Those that are gone meanwhile are left out; with --all those that do not run are not. */
static void look_at_all(struct watch *w, const struct strv *ids, struct round *ret)
{
	ret->v = xcalloc(ids->n, sizeof(*ret->v));
	for (size_t i = 0; i < ids->n; i++) {
		struct watched *one = &ret->v[ret->n];
		struct err e;

		if (look(w->dirs, ids->v[i], one, &e) < 0) {
			if (e.exit != 1 && w->looks == 0)
				containers_tell(&e, &w->status);
			continue;
		}
		if (w->looks == 0)
			tell_first(w, one);
		if (one->look.runs || w->request->which.all)
			ret->n++;
		else
			watched_free(one);
	}
}

/* 1: there is more to come; 0: that was all. */
static int next_look(struct watch *w, struct err *e)
{
	const struct stats_request *r = w->request;
	auto_selected struct selected s = {0};
	struct round now = {0};
	bool over;

	if (select_ids(w, &s, e) < 0)
		return -1;
	look_at_all(w, &s.ids, &now);
	over = w->named && now.n == 0;
	/* The first is only what the second is compared with, unless there is nothing to compare.
	 */
	if (!over && (w->looks || now.n == 0)) {
		if (print(r, &now, &w->before, e) < 0) {
			round_free(&now);
			return -1;
		}
		over = r->no_stream;
	}
	round_free(&w->before);
	w->before = now;
	w->looks++;
	return !over;
}

static int watch(struct watch *w, struct err *e)
{
	auto_fd int signals = open_signals(e);
	int sig = 0, more = signals < 0 ? -1 : 1;

	while (more > 0 && sig == 0) {
		more = next_look(w, e);
		if (more > 0)
			sig = nap(signals, w->looks > 1 ? w->request->seconds * 1000 : FIRST_MS);
	}
	round_free(&w->before);
	if (more < 0)
		return -1;
	return sig && sig != SIGINT ? 128 + sig : w->status ? EXIT_LAUNCHER : 0;
}

int cmd_stats(struct context *c, int argc, char **argv, struct err *e)
{
	struct stats_request r = {.seconds = 5};
	int at = command_parse(c, argc, argv, &r, e), result = -1;
	struct watch w = {.request = &r};

	if (at >= 0 && context_dirs(c, &w.dirs, e) == 0) {
		w.n = argc - at;
		w.operands = argv + at;
		w.named = w.n > 0 || r.which.latest;
		result = watch(&w, e);
	}
	selection_free(&r.which);
	return result;
}
