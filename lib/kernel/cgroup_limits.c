/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of control groups: which there are, whether they can be had, set. In rlc's own process. */
#include "lib/kernel/cgroup_limits.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/kernel/cgroup.h"
#include "lib/kernel/fix.h"
#include "lib/spec/limits.h"

#include <fcntl.h>

enum {
	PROC_TEXT_MAX = 65536,
	CPU_QUOTA_MIN = 1000, /* µs, min_cfs_quota_period: less is EINVAL */
};

/* ---- what is written ---- */

/* A number, or "max" for none. */
static enum limit_kind number(int64_t value, char buf[LIMIT_TEXT])
{
	if (value < 0)
		return LIMIT_UNASKED;
	if (value == 0)
		snprintf(buf, LIMIT_TEXT, "max");
	else
		snprintf(buf, LIMIT_TEXT, "%lld", (long long)value);
	return value == 0 ? LIMIT_NONE : LIMIT_SET;
}

static enum limit_kind memory(const struct spec_limits *l, char buf[LIMIT_TEXT])
{
	return number(l->memory, buf);
}

/* Asked for as memory and swap together; unasked it is as much again as memory, as podman has it.
 */
static enum limit_kind swap(const struct spec_limits *l, char buf[LIMIT_TEXT])
{
	if (l->memory_swap <= 0) {
		enum limit_kind kind = number(l->memory_swap == 0 ? 0 : l->memory, buf);

		return kind == LIMIT_SET ? LIMIT_IF_THERE : kind;
	}
	snprintf(buf, LIMIT_TEXT, "%lld", (long long)(l->memory_swap - l->memory));
	return LIMIT_SET;
}

/* Not memory.high, which would throttle: what is meant is what it keeps. "No" is 0 here. */
static enum limit_kind reservation(const struct spec_limits *l, char buf[LIMIT_TEXT])
{
	enum limit_kind kind = number(l->memory_reservation, buf);

	if (kind == LIMIT_NONE)
		snprintf(buf, LIMIT_TEXT, "0");
	return kind;
}

static enum limit_kind pids(const struct spec_limits *l, char buf[LIMIT_TEXT])
{
	return number(l->pids, buf);
}

/* "QUOTA PERIOD"; a period alone changes nothing but how finely later quotas are counted. */
static enum limit_kind cpu(const struct spec_limits *l, char buf[LIMIT_TEXT])
{
	long long period = l->cpu_period > 0 ? l->cpu_period : SPEC_CPU_PERIOD;

	if (l->cpu_quota <= 0 && l->cpu_period <= 0)
		return l->cpu_quota < 0 ? LIMIT_UNASKED : number(0, buf);
	if (l->cpu_quota > 0)
		snprintf(buf, LIMIT_TEXT, "%lld %lld", (long long)l->cpu_quota, period);
	else
		snprintf(buf, LIMIT_TEXT, "max %lld", period);
	return LIMIT_SET;
}

/* 2…262144 → 1…10000. */
static enum limit_kind shares(const struct spec_limits *l, char buf[LIMIT_TEXT])
{
	if (l->cpu_shares > 0)
		return number(1 + (l->cpu_shares - 2) * 9999 / 262142, buf);
	snprintf(buf, LIMIT_TEXT, "100");
	return l->cpu_shares < 0 ? LIMIT_UNASKED : LIMIT_NONE;
}

/* The scheduler bfq has the range of version 1. */
static enum limit_kind bfq_weight(const struct spec_limits *l, char buf[LIMIT_TEXT])
{
	if (l->blkio_weight > 0)
		return number(l->blkio_weight, buf);
	snprintf(buf, LIMIT_TEXT, "100");
	return l->blkio_weight < 0 ? LIMIT_UNASKED : LIMIT_NONE;
}

/* io.cost has 1…10000. */
static enum limit_kind io_weight(const struct spec_limits *l, char buf[LIMIT_TEXT])
{
	if (l->blkio_weight > 0)
		return number(1 + (l->blkio_weight - 10) * 9999 / 990, buf);
	return bfq_weight(l, buf);
}

#define FROM(member) offsetof(struct spec_limits, member)

/* clang-format off */
const struct cgroup_limit cgroup_limits[] = {
	{"--memory", CGROUP_MEMORY, "memory.max", {FROM(memory)}, .format = memory},
	{"--memory-swap", CGROUP_MEMORY, "memory.swap.max", {FROM(memory_swap)}, .format = swap},
	{"--memory-reservation", CGROUP_MEMORY, "memory.low", {FROM(memory_reservation)},
	 .format = reservation},
	{"--pids-limit", CGROUP_PIDS, "pids.max", {FROM(pids)}, .format = pids},
	{"--cpus", CGROUP_CPU, "cpu.max", {FROM(cpu_quota), FROM(cpu_period)}, .format = cpu},
	{"--cpu-shares", CGROUP_CPU, "cpu.weight", {FROM(cpu_shares)}, .format = shares},
	{"--cpuset-cpus", CGROUP_CPUSET, "cpuset.cpus", .text = FROM(cpuset_cpus)},
	{"--cpuset-mems", CGROUP_CPUSET, "cpuset.mems", .text = FROM(cpuset_mems)},
	{"--blkio-weight", CGROUP_IO, "io.bfq.weight", {FROM(blkio_weight)},
	 .format = bfq_weight},
	{"--blkio-weight", CGROUP_IO, "io.weight", {FROM(blkio_weight)}, .format = io_weight,
	 .otherwise = true},
};
/* clang-format on */
const size_t n_cgroup_limits = array_len(cgroup_limits);
_Static_assert(FROM(best_effort) == 0, "no limit stands at 0");

static char **text_at(struct spec_limits *l, size_t at)
{
	return (char **)((char *)l + at);
}

/* What is to be written for a row: *ret is buf, or the text itself. */
static enum limit_kind value_of(const struct cgroup_limit *row, const struct spec_limits *l,
				char buf[LIMIT_TEXT], const char **ret)
{
	*ret = buf;
	if (!row->text)
		return row->format(l, buf);
	memcpy(ret, (const char *)l + row->text, sizeof(*ret));
	return *ret ? LIMIT_SET : LIMIT_UNASKED;
}

/* ---- whether they can be had ---- */

static enum fix fix_for(const struct cgroup_place *p, enum cgroup_controller c)
{
	if (p->v1 & 1u << c)
		return FIX_CGROUP_V1;
	if (!*p->mount)
		return FIX_CGROUP_MOUNT;
	if (!p->delegated && !p->by_scope)
		return FIX_CGROUP_SCOPE;
	if (p->present & 1u << c)
		return FIX_CGROUP_BUSY;
	if (cgroup_offered(p) && !(cgroup_offered(p) & 1u << c))
		return FIX_CGROUP_NONE;
	return FIX_CGROUP_DELEGATION;
}

static int err_absent(const char *option, enum cgroup_controller c, const struct cgroup_place *p,
		      struct err *e)
{
	const char *name = cgroup_controller_name(c);
	enum fix fix = fix_for(p, c);

	if (fix == FIX_CGROUP_V1)
		err_msg(e, "%s: the cgroup controller \"%s\" is on cgroup version 1 here", option,
			name);
	else if (fix == FIX_CGROUP_MOUNT)
		err_msg(e, "%s: cgroup version 2, which has the controller \"%s\", is not mounted",
			option, name);
	else if (fix == FIX_CGROUP_SCOPE)
		err_msg(e,
			"%s: no cgroup here belongs to this user, so the controller \"%s\" "
			"cannot be used",
			option, name);
	else if (fix == FIX_CGROUP_BUSY)
		err_msg(e,
			"%s: %s holds processes itself, so it cannot hand the cgroup controller "
			"\"%s\" on",
			option, p->parent, name);
	else if (fix == FIX_CGROUP_NONE)
		err_msg(e, "%s: this kernel has no cgroup controller \"%s\"", option, name);
	else
		err_msg(e, "%s: the cgroup controller \"%s\" is not delegated to %s", option, name,
			p->parent);
	return err_fix(e, fix);
}

static bool is_usable(const struct cgroup_place *p, enum cgroup_controller c)
{
	return (p->delegated || p->by_scope) && p->controllers & 1u << c;
}

int cgroup_conf_controller(const char *conf, enum cgroup_controller *ret, struct err *e)
{
	const char *equals = strchr(conf, '='), *dot = strchr(conf, '.');
	size_t n = equals ? (size_t)(equals - conf) : 0;

	if (!equals || !equals[1] || strchr(equals, '\n') || !dot || dot > equals ||
	    strspn(conf, "abcdefghijklmnopqrstuvwxyz0123456789._") != n) {
		err_msg(e, "not of the form FILE=VALUE");
		return err_hint(e, "write a file of the cgroup and what goes into it: "
				   "--cgroup-conf memory.high=512M");
	}
	for (unsigned int c = 0; c < CGROUP_CONTROLLERS; c++) {
		const char *name = cgroup_controller_name((enum cgroup_controller)c);

		if (strlen(name) != (size_t)(dot - conf) || !str_starts(conf, name))
			continue;
		*ret = (enum cgroup_controller)c;
		return 0;
	}
	err_msg(e, "%.*s is no file of a controller that rlc hands on", (int)n, conf);
	return err_hint(
	    e, "they are memory, pids, cpu, cpuset and io: --cgroup-conf memory.high=512M");
}

/* Takes a wish out again. */
static void unask(struct spec_limits *l, const struct cgroup_limit *row)
{
	const int64_t unasked = -1;

	for (size_t i = 0; i < array_len(row->from) && row->from[i]; i++)
		memcpy((char *)l + row->from[i], &unasked, sizeof(unasked));
	if (row->text) {
		free(*text_at(l, row->text));
		*text_at(l, row->text) = NULL;
	}
}

/* 0: it can be had; 1: it cannot, which was told and is no error; -1. */
static int check_one(const char *option, enum cgroup_controller c, const struct cgroup_place *p,
		     bool best_effort, struct err *e)
{
	if (is_usable(p, c))
		return 0;
	err_absent(option, c, p, e);
	if (!best_effort)
		return -1;
	log_warn("going on without a limit: %s", e->what);
	return 1;
}

static int check_conf(const struct cgroup_place *p, struct spec_limits *l, struct err *e)
{
	auto_strv struct strv all = l->conf;

	l->conf = (struct strv){0};
	for (size_t i = 0; i < all.n; i++) {
		enum cgroup_controller c;
		int answer = cgroup_conf_controller(all.v[i], &c, e);

		if (answer == 0)
			answer = check_one("--cgroup-conf", c, p, l->best_effort, e);
		if (answer < 0)
			return -1;
		if (answer == 0)
			strv_add(&l->conf, all.v[i]);
	}
	return 0;
}

int cgroup_check(const struct cgroup_place *p, struct spec_limits *l, struct err *e)
{
	char buf[LIMIT_TEXT];
	const char *value;

	for (size_t i = 0; i < n_cgroup_limits; i++) {
		const struct cgroup_limit *row = &cgroup_limits[i];
		int answer;

		if (value_of(row, l, buf, &value) != LIMIT_SET)
			continue;
		answer = check_one(row->option, row->controller, p, l->best_effort, e);
		if (answer < 0)
			return -1;
		if (answer > 0)
			unask(l, row);
	}
	if (l->cpu_quota > 0 && l->cpu_quota < CPU_QUOTA_MIN) {
		err_msg(e, "--cpus: the kernel grants no less than a hundredth of a CPU");
		return err_hint(e, "the least is --cpus=0.01");
	}
	return check_conf(p, l, e);
}

/* ---- set ---- */

/* The parent hands a controller on; it may do so already, or another rlc does it right now. */
static int enable(int group, enum cgroup_controller c)
{
	auto_fd int fd = openat(group, "../cgroup.subtree_control", O_WRONLY | O_CLOEXEC);
	char word[16];
	int n = snprintf(word, sizeof(word), "+%s", cgroup_controller_name(c));

	return fd < 0 ? -1 : fd_write_all(fd, word, (size_t)n);
}

static bool has_file(int group, const char *file)
{
	return faccessat(group, file, F_OK, 0) == 0;
}

/*
 * The core of a controller: there as soon as it is handed on. Not the limit's own file, which a
 * kernel may be built without.
 */
static const char *const core_files[CGROUP_CONTROLLERS] = {
    [CGROUP_MEMORY] = "memory.max",  [CGROUP_PIDS] = "pids.max", [CGROUP_CPU] = "cpu.weight",
    [CGROUP_CPUSET] = "cpuset.cpus", [CGROUP_IO] = "io.max",
};

static int need_controller(int group, const char *option, enum cgroup_controller c,
			   const struct cgroup_place *p, struct err *e)
{
	if (!is_usable(p, c))
		return err_absent(option, c, p, e);
	if (has_file(group, core_files[c]) || enable(group, c) == 0)
		return 0;
	err_sys(e, "%s: enable the cgroup controller \"%s\"", option, cgroup_controller_name(c));
	return err_fix(e, e->sys == EBUSY ? FIX_CGROUP_BUSY : FIX_CGROUP_DELEGATION);
}

/*
 * Processors that are not there, or not this user's, the kernel passes over, and where none is
 * left it grants all that the parent has: the contrary of what was asked.
 */
static int check_granted(int group, const struct cgroup_limit *row, const char *asked,
			 struct err *e)
{
	struct limits_cpus wanted, granted;
	auto_free char *file = NULL;
	auto_free char *text = NULL;

	if (asprintf(&file, "%s.effective", row->file) < 0)
		file = NULL;
	if (!file || file_read(group, file, PROC_TEXT_MAX, &text, NULL, e) < 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	if (limits_parse_cpus(asked, &wanted) && limits_parse_cpus(text, &granted) &&
	    limits_cpus_within(&granted, &wanted))
		return 0;
	err_msg(e, "%s %s: none of them is to be had here", row->option, asked);
	return err_hint(e, "there are: %s", text);
}

static int set_limit(int group, const struct cgroup_limit *row, const char *value, struct err *e)
{
	if (!has_file(group, row->file)) {
		err_msg(e, "%s: this kernel's controller \"%s\" has no %s", row->option,
			cgroup_controller_name(row->controller), row->file);
		return err_hint(e, "leave it out, or go on without it: --limits=best-effort");
	}
	if (cgroup_write(group, row->file, value, e) < 0)
		return err_ctx(e, "%s", row->option);
	return row->text ? check_granted(group, row, value, e) : 0;
}

static int set_row(int group, const struct cgroup_place *p, const struct cgroup_limit *row,
		   const struct spec_limits *l, struct err *e)
{
	bool is_last = row + 1 == cgroup_limits + n_cgroup_limits;
	char buf[LIMIT_TEXT];
	const char *value;
	enum limit_kind kind = value_of(row, l, buf, &value);

	if (kind == LIMIT_UNASKED)
		return 0;
	if (kind == LIMIT_SET && need_controller(group, row->option, row->controller, p, e) < 0)
		return -1;
	if (!has_file(group, row->file) && !is_last && row[1].otherwise)
		return set_row(group, p, row + 1, l, e);
	/* Without the file there is no limit that would have to be taken away. */
	if (kind != LIMIT_SET && !has_file(group, row->file))
		return 0;
	return set_limit(group, row, value, e);
}

static int set_conf(int group, const struct cgroup_place *p, const char *conf, struct err *e)
{
	size_t n = strcspn(conf, "=");
	enum cgroup_controller c;
	char file[LIMIT_TEXT];

	if (cgroup_conf_controller(conf, &c, e) < 0 ||
	    need_controller(group, "--cgroup-conf", c, p, e) < 0)
		return -1;
	if (n >= sizeof(file))
		return err_msg(e, "%s: the name is too long", conf);
	memcpy(file, conf, n);
	file[n] = '\0';
	if (cgroup_write(group, file, conf + n + 1, e) == 0)
		return 0;
	err_ctx(e, "--cgroup-conf");
	return err_hint(e, "this kernel's files are in the container's /sys/fs/cgroup");
}

/* An error that is to be told and gone on after: 0; any other: -1. */
static int forgive(const struct spec_limits *l, struct err *e)
{
	if (!l->best_effort)
		return -1;
	log_warn("going on without a limit: %s%s%s", e->what, e->sys ? ": " : "",
		 e->sys ? strerror(e->sys) : "");
	return 0;
}

static bool is_asked(const struct cgroup_limit *row, const struct spec_limits *l)
{
	char buf[LIMIT_TEXT];
	const char *value;

	return !l || value_of(row, l, buf, &value) != LIMIT_UNASKED;
}

int cgroup_limit(int cgroup_fd, const struct cgroup_place *p, const struct spec_limits *l,
		 const struct spec_limits *only, struct err *e)
{
	const struct strv *conf = only ? &only->conf : &l->conf;

	for (size_t i = 0; i < n_cgroup_limits; i++)
		if (!cgroup_limits[i].otherwise && is_asked(&cgroup_limits[i], only) &&
		    set_row(cgroup_fd, p, &cgroup_limits[i], l, e) < 0 && forgive(l, e) < 0)
			return -1;
	for (size_t i = 0; i < conf->n; i++)
		if (strv_has(&l->conf, conf->v[i]) && set_conf(cgroup_fd, p, conf->v[i], e) < 0 &&
		    forgive(l, e) < 0)
			return -1;
	return 0;
}
