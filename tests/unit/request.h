/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of `rlc run` for tests, and what became of them as one line of text. */
#pragma once
#include "cmd/run_options.h"
#include "cmd/settings.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <sys/mount.h>
#include <sys/resource.h>

static void add_text(struct str *to, const char *name, const char *value)
{
	if (value)
		str_addf(to, " %s=%s", name, value);
}

static void add_flag(struct str *to, const char *name, bool on)
{
	if (on)
		str_addf(to, " %s", name);
}

static void add_number(struct str *to, const char *name, int64_t value, int64_t unless)
{
	if (value != unless)
		str_addf(to, " %s=%lld", name, (long long)value);
}

static void add_words(struct str *to, const char *name, const struct strv *words)
{
	for (size_t i = 0; i < words->n; i++)
		i ? str_addf(to, "|%s", words->v[i]) : str_addf(to, " %s=%s", name, words->v[i]);
}

static void add_mount_flags(struct str *to, unsigned long flags)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} names[] = {{MS_RDONLY, "ro"},
		     {MS_NOSUID, "nosuid"},
		     {MS_NODEV, "nodev"},
		     {MS_NOEXEC, "noexec"},
		     {MS_NOATIME, "noatime"}};

	for (size_t i = 0; i < array_len(names); i++)
		if (flags & names[i].flag)
			str_addf(to, ",%s", names[i].name);
}

static const char *propagation_name(unsigned long p)
{
	switch (p & ~(unsigned long)MS_REC) {
	case 0:
		return NULL;
	case MS_PRIVATE:
		return "private";
	case MS_SHARED:
		return "shared";
	case MS_SLAVE:
		return "slave";
	default:
		return "unbindable";
	}
}

static void add_mount(struct str *to, const struct spec_mount *m)
{
	const char *propagation = propagation_name(m->propagation);

	str_addf(to, " %s:%s:%s", m->kind == MOUNT_BIND ? "bind" : "tmpfs",
		 m->source ? m->source : "", m->target ? m->target : "?");
	add_mount_flags(to, m->flags);
	if (m->clear) {
		str_add(to, ",off");
		add_mount_flags(to, m->clear);
	}
	str_add(to, m->recursive ? ",rec" : "");
	str_add(to, m->chown ? ",chown" : "");
	str_add(to, m->copy_up ? ",copy" : "");
	if (propagation)
		str_addf(to, ",%s%s", m->propagation & MS_REC ? "r" : "", propagation);
	if (m->data)
		str_addf(to, ",data(%s)", m->data);
}

static void add_limits(struct str *to, const struct spec *s)
{
	add_number(to, "memory", s->limits.memory, -1);
	add_number(to, "pids", s->limits.pids, -1);
	add_number(to, "swap", s->limits.memory_swap, -1);
	add_number(to, "reservation", s->limits.memory_reservation, -1);
	add_number(to, "cpu", s->limits.cpu_quota, -1);
	add_number(to, "period", s->limits.cpu_period, -1);
	add_number(to, "shares", s->limits.cpu_shares, -1);
	add_number(to, "weight", s->limits.blkio_weight, -1);
	add_text(to, "cpus", s->limits.cpuset_cpus);
	add_text(to, "mems", s->limits.cpuset_mems);
	add_words(to, "conf", &s->limits.conf);
	add_text(to, "parent", s->cgroup_parent);
	add_flag(to, "best-effort", s->limits.best_effort);
	for (size_t i = 0; i < s->n_rlimits; i++)
		str_addf(to, " rlimit%d=%lld:%lld", s->rlimits[i].resource,
			 (long long)s->rlimits[i].soft, (long long)s->rlimits[i].hard);
	add_number(to, "oom", s->oom_score_adj, 0);
	add_number(to, "shm", s->shm_size, -1);
}

static void add_process(struct str *to, const struct spec *s)
{
	add_words(to, "args", &s->args);
	add_flag(to, "entrypoint", s->has_entrypoint);
	add_words(to, "entry", &s->entrypoint);
	add_words(to, "env", &s->env);
	add_text(to, "workdir", s->workdir);
	add_text(to, "user", s->user);
	add_words(to, "groups", &s->group_add);
	add_number(to, "umask", s->umask, -1);
	add_flag(to, "interactive", s->interactive);
	add_flag(to, "terminal", s->terminal);
	add_flag(to, "init", s->init);
	add_text(to, "stop-signal", s->stop_signal);
	add_number(to, "stop-timeout", s->stop_timeout, -1);
}

static void add_fetch(struct str *to, const struct spec_fetch *f)
{
	add_text(to, "platform", f->platform);
	add_text(to, "cert-dir", f->cert_dir);
	add_flag(to, "no-tls-verify", !f->tls_verify);
	add_flag(to, "keep-blobs", f->keep_blobs);
	add_flag(to, "quiet", f->quiet);
	add_number(to, "timeout", f->timeout, 30);
	add_number(to, "retries", f->retries, 3);
	add_number(to, "retry-delay", f->retry_delay, 1);
	add_words(to, "aliases", &f->aliases);
	add_words(to, "search", &f->search);
	add_words(to, "insecure", &f->insecure);
}

/* Every member that is not as spec_init() leaves it. */
static char *spec_text(const struct spec *s)
{
	struct str t = {0};

	add_text(&t, "image", s->image);
	add_text(&t, "rootfs", s->rootfs);
	add_process(&t, s);
	add_number(&t, "nnp", s->no_new_privs, UNSET);
	add_words(&t, "cap-add", &s->cap_add);
	add_words(&t, "cap-drop", &s->cap_drop);
	add_text(&t, "seccomp", s->seccomp);
	add_words(&t, "mask", &s->mask);
	add_words(&t, "unmask", &s->unmask);
	add_flag(&t, "unmask-all", s->unmask_all);
	add_flag(&t, "privileged", s->privileged);
	add_limits(&t, s);
	add_flag(&t, "read-only", s->read_only);
	add_flag(&t, "no-read-only-tmpfs", !s->read_only_tmpfs);
	for (size_t i = 0; i < s->n_mounts; i++)
		add_mount(&t, &s->mounts[i]);
	for (size_t i = 0; i < s->n_devices; i++)
		str_addf(&t, " device:%s:%s%s", s->devices[i].source, s->devices[i].target,
			 s->devices[i].read_only ? ":r" : "");
	add_text(&t, "driver", s->storage_driver);
	add_text(&t, "hostname", s->hostname);
	add_flag(&t, "no-network", s->network == NET_NONE);
	add_flag(&t, "host-network", s->network == NET_HOST);
	add_text(&t, "slirp", s->network_options);
	add_words(&t, "dns", &s->dns);
	add_words(&t, "dns-search", &s->dns_search);
	add_words(&t, "dns-options", &s->dns_options);
	add_words(&t, "add-hosts", &s->add_hosts);
	add_flag(&t, "no-dns", s->no_dns);
	add_flag(&t, "no-hosts", s->no_hosts);
	add_flag(&t, "no-hostname", s->no_hostname);
	add_text(&t, "name", s->name);
	add_words(&t, "labels", &s->labels);
	add_text(&t, "cidfile", s->cidfile);
	add_flag(&t, "detach", s->detach);
	add_flag(&t, "remove", s->remove);
	add_number(&t, "pull", (int)s->pull, PULL_MISSING);
	add_fetch(&t, &s->fetch);
	add_number(&t, "dry-run", (int)s->dry_run, DRY_RUN_OFF);
	return str_take(&t);
}

static char *const request_environment[] = {
    (char[]){"HOME=/home/kim"}, (char[]){"LC_ALL=C"}, (char[]){"LC_TIME=fi"},
    (char[]){"EMPTY="},		(char[]){"odd"},      NULL};

/*
 * Parses "run" and the words between '|' of line as a caller in /here would. Returns the text of
 * the spec, or NULL with the error.
 */
static char *request_text(const char *line, const struct settings *settings, bool selinux,
			  struct err *e)
{
	struct run_request r = {
	    .cwd = "/here", .environment = request_environment, .selinux = selinux};
	auto_strv struct strv argv = {0};
	char *text = NULL;

	*e = (struct err){0};
	spec_init(&r.spec);
	strv_add(&argv, "run");
	for (const char *word = line; *word;) {
		size_t n = strcspn(word, "|");

		strv_take(&argv, xstrndup(word, n));
		word += n + (word[n] == '|');
	}
	if (run_request_parse(&r, settings, (int)argv.n, argv.v, e) == 0)
		text = spec_text(&r.spec);
	run_request_free(&r);
	return text;
}
