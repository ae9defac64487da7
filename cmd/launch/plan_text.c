/* SPDX-License-Identifier: Apache-2.0 */
/* The plan for people; pure, see plan_print.h. */
#include "cmd/launch/mount_options.h"
#include "cmd/launch/plan.h"
#include "cmd/launch/plan_print.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/rlimit.h"
#include "storage/rootfs.h"

#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>

enum { LABEL_WIDTH = 14 };

/* Columns that a text takes: a byte of the form 10xxxxxx continues a character (UTF-8). */
static int columns(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void pad(struct str *t, const char *s, int width)
{
	str_add(t, s);
	for (int n = columns(s); n < width; n++)
		str_add(t, " ");
}

/* One line "  label   value"; a list goes on with an empty label. */
static void line(struct str *t, const char *label, const char *value)
{
	str_add(t, "  ");
	pad(t, label, LABEL_WIDTH);
	str_add(t, " ");
	str_add_visible(t, value);
	str_add(t, "\n");
}

static void linef(struct str *t, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void linef(struct str *t, const char *label, const char *fmt, ...)
{
	auto_free char *value = NULL;
	va_list ap;

	va_start(ap, fmt);
	value = xvasprintf(fmt, ap);
	va_end(ap);
	line(t, label, value);
}

static void lines(struct str *t, const char *label, const struct strv *values)
{
	if (!values->n)
		line(t, label, "(none)");
	for (size_t i = 0; i < values->n; i++)
		line(t, i ? "" : label, values->v[i]);
}

static void text_identity(struct str *t, const struct plan *p)
{
	str_add(t, "container\n");
	line(t, "id", p->id);
	line(t, "name", p->name ? p->name : "(made up)");
	if (p->image_name)
		line(t, "image", p->image_name);
	if (p->image_id)
		line(t, "image id", p->image_id);
	linef(t, "life", "%s%s", p->detach ? "in the background" : "in the foreground",
	      p->remove ? ", removed at its end" : "");
	if (p->cidfile)
		line(t, "id file", p->cidfile);
	if (p->labels.n)
		lines(t, "labels", &p->labels);
}

static void text_root(struct str *t, const struct plan *p)
{
	str_add(t, "root\n");
	if (p->driver) {
		linef(t, "driver", "%s%s", p->driver->name,
		      p->is_volatile ? ", never synced to disk" : "");
		if (p->driver_why)
			line(t, "", p->driver_why);
		if (p->program)
			line(t, "program", p->program);
		lines(t, "layers", &p->layers);
		linef(t, "changes", "%s/%s", p->data, p->container_dir);
	} else {
		line(t, "folder", p->rootfs_dir);
	}
	line(t, "access", p->read_only ? "read-only" : "read and write");
}

static void text_map(struct str *t, const char *label, const struct id_range *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		linef(t, i ? "" : label, "%u is %u outside, %u id%s", list[i].inside,
		      list[i].outside, list[i].count, list[i].count == 1 ? "" : "s");
}

static void text_network(struct str *t, const struct plan *p)
{
	char guest[INET6_ADDRSTRLEN], gateway[INET6_ADDRSTRLEN], dns[INET6_ADDRSTRLEN];
	const struct net_config *c = &p->net;

	if (p->network != NET_PRIVATE) {
		line(t, "network", p->network == NET_HOST ? "the host's" : "loopback alone");
		return;
	}
	linef(t, "network", "tap0 to rlc-net, MTU %u, name server %s", c->mtu,
	      net_address(dns, c->dns, false));
	linef(t, "", "%s/%u by %s", net_address(guest, c->guest, false), c->prefix,
	      net_address(gateway, c->gateway, false));
	if (c->ipv6)
		linef(t, "", "%s/%u by %s", net_address(guest, c->guest6, true), c->prefix6,
		      net_address(gateway, c->gateway6, true));
	if (c->has_outbound)
		linef(t, "", "leaves from %s", net_address(guest, c->outbound, false));
	if (c->has_outbound6)
		linef(t, "", "leaves from %s", net_address(guest, c->outbound6, true));
	if (c->host_loopback)
		line(t, "", "the gateway's address is the host's loopback (asked)");
}

static void text_namespaces(struct str *t, const struct plan *p)
{
	static const struct {
		uint64_t flag; /* 0: every container has its own */
		const char *name;
	} kinds[] = {
	    {0, "user"},
	    {0, "pid"},
	    {0, "cgroup"},
	    {CLONE_NEWNS, "mount"},
	    {CLONE_NEWIPC, "ipc"},
	    {CLONE_NEWUTS, "uts"},
	    {CLONE_NEWNET, "network"},
	};
	auto_str struct str own = {0}, shared = {0};

	for (size_t i = 0; i < array_len(kinds); i++) {
		struct str *to = kinds[i].flag && !(p->namespaces & kinds[i].flag) ? &shared : &own;

		str_addf(to, "%s%s", to->len ? " " : "", kinds[i].name);
	}
	str_add(t, "namespaces\n");
	line(t, "own", str_get(&own));
	line(t, "of the host", shared.len ? str_get(&shared) : "(none)");
	text_map(t, "user ids", p->map.uid, p->map.n_uid);
	text_map(t, "group ids", p->map.gid, p->map.n_gid);
	line(t, "maps by",
	     p->map.single   ? "the user: one id needs no helper"
	     : p->map.direct ? "real root"
			     : "newuidmap and newgidmap");
	line(t, "host name", p->hostname);
	text_network(t, p);
	if (p->propagate)
		line(t, "propagation", "mounts of the host appear in volumes that ask for it");
}

static const char *mount_word(const struct plan_mount *m)
{
	switch (m->kind) {
	case PLAN_NEW:
	case PLAN_PROC:
		return m->fstype;
	case PLAN_BIND:
		return m->pty ? "terminal" : "bind";
	case PLAN_FILE:
		return "file";
	case PLAN_LINK:
		return "link";
	case PLAN_MASK:
		return "mask";
	case PLAN_READ_ONLY:
		return "read-only";
	}
	return "";
}

/* The words behind a mount: its options, then what else is done about it. */
static char *mount_rest(const struct plan_mount *m)
{
	auto_strv struct strv words = {0};
	struct str t = {0};

	mount_options(m, &words);
	for (size_t i = 0; i < words.n; i++) {
		str_add(&t, i ? "," : "");
		str_add_visible(&t, words.v[i]);
	}
	if (m->kind == PLAN_PROC)
		str_add(&t, " (by init)");
	if (m->chown)
		str_add(&t, " (given to the container's user)");
	if (m->optional)
		str_add(&t, " (if the host has it)");
	if (m->asked)
		str_add(&t, " (asked)");
	return str_take(&t);
}

enum { MOUNT_COLUMNS = 4 };

static void text_mounts(struct str *t, const struct plan *p)
{
	char *(*rows)[MOUNT_COLUMNS] = xcalloc(p->n_mounts, sizeof(*rows));
	int width[MOUNT_COLUMNS] = {0};

	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct plan_mount *m = &p->mounts[i];
		const char *cells[] = {m->target, mount_word(m), m->source ? m->source : "-"};

		for (size_t j = 0; j < array_len(cells); j++) {
			struct str cell = {0};

			str_add_visible(&cell, cells[j]);
			rows[i][j] = str_take(&cell);
			if (columns(rows[i][j]) > width[j])
				width[j] = columns(rows[i][j]);
		}
		rows[i][MOUNT_COLUMNS - 1] = mount_rest(m);
	}
	str_add(t, "mounts, in this order\n");
	for (size_t i = 0; i < p->n_mounts; i++) {
		size_t last = MOUNT_COLUMNS - 1;

		/* No blanks at the end of a line. */
		while (last > 1 && (!rows[i][last][0] || strcmp(rows[i][last], "-") == 0))
			last--;
		for (size_t j = 0; j <= last; j++) {
			str_add(t, "  ");
			pad(t, rows[i][j], j < last ? width[j] : 0);
		}
		str_add(t, "\n");
		for (size_t j = 0; j < MOUNT_COLUMNS; j++)
			free(rows[i][j]);
	}
	free(rows);
}

static void text_files(struct str *t, const struct plan *p)
{
	str_add(t, "files\n");
	for (size_t i = 0; i < p->n_files; i++) {
		auto_strv struct strv rows = {0};

		strv_split(&rows, p->files[i].text, "\n");
		if (!rows.n)
			strv_add(&rows, "(empty)");
		lines(t, p->files[i].name, &rows);
	}
}

static void text_caps(struct str *t, const char *label, uint64_t mask)
{
	auto_str struct str names = {0};

	for (int i = 0; i < 64; i++) {
		auto_free char *name = mask & UINT64_C(1) << i ? caps_name(i) : NULL;

		if (name)
			str_addf(&names, "%s%s", names.len ? " " : "", name + strlen("CAP_"));
	}
	if (mask && mask == caps_all())
		line(t, label, "ALL");
	else
		line(t, label, names.len ? str_get(&names) : "(none)");
}

static void text_process(struct str *t, const struct plan *p)
{
	const char *abbreviation = sigabbrev_np(p->stop_signal);

	str_add(t, "process\n");
	lines(t, "arguments", &p->args);
	lines(t, "environment", &p->env);
	if (!p->home_from_env)
		line(t, "", "HOME is set from the container's /etc/passwd");
	line(t, "folder", p->workdir);
	line(t, "user", p->user[0] ? p->user : "root");
	if (p->group_add.n)
		lines(t, "more groups", &p->group_add);
	linef(t, "umask", "%04o", p->umask);
	linef(t, "stdio", "%s%s",
	      p->terminal ? "a terminal of its own"
	      : p->detach ? "the log"
			  : "the caller's",
	      p->interactive ? ", input stays open" : ", no input");
	line(t, "PID 1",
	     p->init ? "rlc-init, which reaps and passes signals on" : "the command itself");
	if (abbreviation)
		linef(t, "stop", "SIG%s, then SIGKILL after %d s", abbreviation, p->stop_timeout);
	else
		linef(t, "stop", "signal %d, then SIGKILL after %d s", p->stop_signal,
		      p->stop_timeout);
	linef(t, "oom score", "%+d", p->oom_score_adj);
}

static void text_confinement(struct str *t, const struct plan *p)
{
	str_add(t, "confinement\n");
	text_caps(t, "capabilities", p->caps);
	text_caps(t, "for non-root", p->caps_added);
	line(t, "seccomp", p->seccomp ? p->seccomp : "rlc's default profile");
	line(t, "no_new_privs", p->no_new_privs ? "yes" : "no");
}

static void text_ports(struct str *t, const struct plan *p)
{
	auto_free char *published = portmap_list(&p->ports);
	auto_str struct str exposed = {0};

	if (!p->ports.n && !p->exposed.n)
		return;
	str_add(t, "ports\n");
	line(t, "published", p->ports.n ? published : "(none)");
	for (size_t i = 0; i < p->exposed.n; i++)
		str_addf(&exposed, "%s%u/%s", i ? " " : "", p->exposed.v[i].container,
			 portmap_protocol_name(p->exposed.v[i].protocol));
	if (exposed.len)
		line(t, "exposed", str_get(&exposed));
}

static void text_value(struct str *t, const char *label, uint64_t value)
{
	if (value == UINT64_MAX)
		str_addf(t, "%s unlimited", label);
	else
		str_addf(t, "%s %llu", label, (unsigned long long)value);
}

static void text_size(struct str *t, const char *label, int64_t bytes, const char *rest)
{
	char human[16];

	if (bytes > 0)
		linef(t, label, "%lld bytes (%s)%s", (long long)bytes,
		      str_human_bytes(human, sizeof(human), (uint64_t)bytes), rest);
}

static void text_groups(struct str *t, const struct spec_limits *l)
{
	const int64_t period = l->cpu_period > 0 ? l->cpu_period : SPEC_CPU_PERIOD;

	text_size(t, "memory", l->memory,
		  l->memory_swap < 0	? ", as much swap again"
		  : l->memory_swap == 0 ? ", any swap"
					: "");
	text_size(t, "with swap", l->memory_swap, "");
	text_size(t, "kept memory", l->memory_reservation, "");
	if (l->pids > 0)
		linef(t, "tasks", "%lld", (long long)l->pids);
	if (l->cpu_quota > 0)
		linef(t, "processors", "%.2f", (double)l->cpu_quota / (double)period);
	if (l->cpu_period > 0)
		linef(t, "counted", "every %lld µs", (long long)period);
	if (l->cpu_shares > 0)
		linef(t, "share", "%lld", (long long)l->cpu_shares);
	if (l->cpuset_cpus)
		linef(t, "on processors", "%s", l->cpuset_cpus);
	if (l->cpuset_mems)
		linef(t, "on NUMA nodes", "%s", l->cpuset_mems);
	if (l->blkio_weight > 0)
		linef(t, "disk weight", "%lld", (long long)l->blkio_weight);
	if (l->conf.n)
		lines(t, "cgroup files", &l->conf);
}

static void text_limits(struct str *t, const struct plan *p)
{
	str_add(t, "limits\n");
	if (p->cgroup.by_scope)
		linef(t, "cgroup", "a scope that systemd makes%s%s", p->cgroup_parent ? " in " : "",
		      p->cgroup_parent ? p->cgroup_parent : "");
	else
		line(t, "cgroup", p->use_cgroup ? p->cgroup.parent : "(none)");
	if (p->use_cgroup)
		text_groups(t, &p->limits);
	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct spec_rlimit *r = &p->rlimits[i];
		auto_str struct str value = {0};

		text_value(&value, "soft", r->soft);
		text_value(&value, ", hard", r->hard);
		line(t, rlimit_name(r->resource), str_get(&value));
	}
}

/* What a run of this kind could have and this one has not, each with its reason. */
static void text_off(struct str *t, const struct plan *p)
{
	size_t before;

	str_add(t, "off\n");
	before = t->len;
	if (p->map.single)
		linef(t, "user ids", "only one: %s", p->map.why_single);
	if (!(p->namespaces & CLONE_NEWNET))
		line(t, "own network", "--network=host was asked");
	if (!p->use_cgroup)
		line(t, "limits", "no control group of this host is this user's to divide");
	if (p->use_cgroup && p->limits.pids <= 0)
		line(t, "tasks",
		     p->cgroup.controllers & 1U << CGROUP_PIDS
			 ? "--pids-limit asked for no limit"
			 : "the pids controller is not delegated to this user");
	if (!p->no_new_privs)
		line(t, "no_new_privs",
		     "not asked: setuid programs of the image may use the capabilities above");
	if (p->seccomp && strcmp(p->seccomp, "unconfined") == 0)
		line(t, "seccomp", "unconfined was asked, or --privileged");
	if (t->len == before)
		line(t, "(nothing)", "");
}

char *plan_to_text(const struct plan *p)
{
	static void (*const sections[])(struct str * t, const struct plan *p) = {
	    text_identity, text_root,  text_namespaces,	 text_mounts, text_files,
	    text_process,  text_ports, text_confinement, text_limits, text_off,
	};
	struct str t = {0};

	for (size_t i = 0; i < array_len(sections); i++) {
		const size_t before = t.len;

		sections[i](&t, p);
		str_add(&t, t.len > before && i + 1 < array_len(sections) ? "\n" : "");
	}
	return str_take(&t);
}
