/* SPDX-License-Identifier: Apache-2.0 */
/* The decision of a run, pure: see plan.h. Runs in rlc, before anything exists. */
#include "cmd/launch/plan.h"

#include "cmd/launch/plan_mounts.h"
#include "cmd/launch/plan_network.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/str.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/cgroup_limits.h"
#include "lib/kernel/signal_name.h"
#include "storage/rootfs.h"
#include "storage/store.h"

#include <sched.h>
#include <signal.h>

enum { DEFAULT_UMASK = 0022, DEFAULT_STOP_TIMEOUT = 10, DEFAULT_PIDS = 2048 };

static int plan_root(const struct spec *s, const struct image *image, const struct plan_host *h,
		     struct plan *p, struct err *e)
{
	p->container_dir = xasprintf("containers/%s", p->id);
	p->is_volatile = s->remove;
	p->read_only = s->read_only;
	if (s->rootfs) {
		p->rootfs_dir = path_clean(s->rootfs);
		if (strcmp(p->rootfs_dir, "/") != 0)
			return 0;
		err_msg(e, "--rootfs /: the host's own root");
		return err_hint(e, "name a folder that holds a root file system");
	}
	if (rootfs_choose(s->storage_driver, &h->rootfs, &p->driver, &p->driver_why, e) < 0)
		return -1;
	if (p->driver->program)
		p->program = xstrdup(h->rootfs.program);
	strv_copy(&p->layers, &image->layers);
	return 0;
}

/* Podman: --entrypoint drops the image's CMD as well; arguments replace CMD only. */
static int plan_args(const struct spec *s, const struct image_config *c, struct plan *p,
		     struct err *e)
{
	const char *what = s->image ? s->image : s->rootfs;

	strv_copy(&p->args, s->has_entrypoint ? &s->entrypoint : &c->entrypoint);
	if (s->args.n)
		strv_copy(&p->args, &s->args);
	else if (!s->has_entrypoint)
		strv_copy(&p->args, &c->cmd);
	if (p->args.n && p->args.v[0][0])
		return 0;
	err_msg(e, "%s names no command to run, and none was given", what);
	return err_hint(e, "add one: rlc run %s COMMAND", what);
}

static void plan_env(const struct spec *s, const struct image_config *c, struct plan *p)
{
	auto_free char *hostname = xasprintf("HOSTNAME=%s", p->hostname);

	strv_env_set(&p->env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	if (s->terminal)
		strv_env_set(&p->env, "TERM=xterm");
	strv_env_set(&p->env, "container=rlc");
	for (size_t i = 0; i < c->env.n; i++)
		strv_env_set(&p->env, c->env.v[i]);
	strv_env_set(&p->env, hostname);
	for (size_t i = 0; i < s->env.n; i++)
		strv_env_set(&p->env, s->env.v[i]);
	p->home_from_env = strv_env_get(&p->env, "HOME") != NULL;
}

static int plan_process(const struct spec *s, const struct image_config *c, struct plan *p,
			struct err *e)
{
	const char *workdir = s->workdir ? s->workdir : c->workdir;
	const char *stop = s->stop_signal ? s->stop_signal : c->stop_signal;

	p->workdir = path_clean(workdir && *workdir ? workdir : "/");
	p->makes_workdir = !s->workdir;
	if (s->workdir && s->workdir[0] != '/') {
		err_msg(e, "--workdir %s is not absolute", s->workdir);
		return err_hint(e, "begin it with /");
	}
	p->user = xstrdup(s->user ? s->user : c->user ? c->user : "");
	strv_copy(&p->group_add, &s->group_add);
	p->umask = s->umask < 0 ? DEFAULT_UMASK : (mode_t)s->umask;
	p->terminal = s->terminal;
	p->interactive = s->interactive;
	p->init = s->init;
	p->detach = s->detach;
	p->remove = s->remove;
	p->oom_score_adj = s->oom_score_adj;
	p->rlimits = xcalloc(s->n_rlimits, sizeof(*p->rlimits));
	p->n_rlimits = s->n_rlimits;
	for (size_t i = 0; i < s->n_rlimits; i++)
		p->rlimits[i] = s->rlimits[i];
	p->stop_signal = stop && *stop ? signal_number(stop) : SIGTERM;
	if (p->stop_signal < 0) {
		err_msg(e, "there is no signal \"%.32s\" (%s)", stop,
			s->stop_signal ? "--stop-signal" : "STOPSIGNAL of the image");
		return err_hint(e, "kill -l lists their names; --stop-signal sets one");
	}
	p->stop_timeout = s->stop_timeout < 0 ? DEFAULT_STOP_TIMEOUT : s->stop_timeout;
	return 0;
}

static int plan_confinement(const struct spec *s, struct plan *p, struct err *e)
{
	/* --cap-drop holds for --privileged as well; another user than root gets --cap-add alone.
	 */
	if (caps_resolve(s->privileged ? caps_all() : caps_default, &s->cap_add, &s->cap_drop,
			 &p->caps, e) < 0 ||
	    caps_mask_of(&s->cap_add, &p->caps_added, e) < 0)
		return -1;
	p->caps_added &= p->caps;
	p->no_new_privs = s->no_new_privs == YES;
	p->seccomp = xstrdup_null(s->seccomp);
	if (s->privileged && !s->seccomp)
		p->seccomp = xstrdup("unconfined");
	return 0;
}

static int plan_limits(const struct spec *s, const struct plan_host *h, struct plan *p,
		       struct err *e)
{
	p->cgroup = h->cgroup;
	p->cgroup_parent = xstrdup_null(s->cgroup_parent);
	limits_free(&p->limits);
	limits_copy(&p->limits, &s->limits);
	if (cgroup_check(&h->cgroup, &p->limits, e) < 0)
		return -1;
	p->use_cgroup = h->cgroup.delegated || h->cgroup.by_scope;
	/* Podman's default against fork bombs, wherever it can be had without asking. */
	if (p->limits.pids < 0 && p->use_cgroup && (h->cgroup.controllers & 1U << CGROUP_PIDS))
		p->limits.pids = DEFAULT_PIDS;
	return 0;
}

/* Without a network of its own there is nothing to forward to; podman says so and goes on. */
static int plan_ports(const struct spec *s, const struct image_config *c, struct plan *p,
		      struct err *e)
{
	for (size_t i = 0; i < c->exposed_ports.n; i++)
		if (portmap_parse_exposed(c->exposed_ports.v[i], &p->exposed, e) < 0)
			return err_ctx(e, "EXPOSE of the image");
	for (size_t i = 0; i < s->expose.n; i++)
		if (portmap_parse_exposed(s->expose.v[i], &p->exposed, e) < 0)
			return err_ctx(e, "--expose %s", s->expose.v[i]);
	if (p->network != NET_PRIVATE)
		return 0;
	for (size_t i = 0; i < s->publish.n; i++)
		if (portmap_parse(s->publish.v[i], &p->ports, e) < 0)
			return err_ctx(e, "--publish %s", s->publish.v[i]);
	if (s->publish_all)
		portmap_add_exposed(&p->exposed, &p->ports);
	return portmap_check(&p->ports, e);
}

int plan_build(const struct spec *s, const struct image *image, const struct plan_host *h,
	       const char *id, const char *name, struct plan *ret, struct err *e)
{
	static const struct image_config no_config;
	const struct image_config *c = image ? &image->config : &no_config;
	struct plan p = {.map = h->map};

	snprintf(p.id, sizeof(p.id), "%s", id);
	p.name = xstrdup_null(name);
	p.data = xstrdup(h->data);
	p.run = xstrdup(h->run);
	p.image_id = xstrdup_null(image ? image->id : NULL);
	p.image_size = image ? image->size : 0;
	p.image_name = xstrdup_null(image && image->name ? image->name : s->image);
	p.cidfile = xstrdup_null(s->cidfile);
	for (size_t i = 0; i < c->labels.n; i++)
		strv_env_set(&p.labels, c->labels.v[i]);
	for (size_t i = 0; i < s->labels.n; i++)
		strv_env_set(&p.labels, s->labels.v[i]);
	p.namespaces = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
	if (plan_network(s, h, &p, e) < 0 || plan_names(s, h, &p, e) < 0) {
		plan_free(&p);
		return -1;
	}
	p.files[p.n_files++] = (struct plan_file){"containerenv", xstrdup("")};
	plan_env(s, c, &p);
	if (plan_root(s, image, h, &p, e) < 0 || plan_args(s, c, &p, e) < 0 ||
	    plan_process(s, c, &p, e) < 0 || plan_confinement(s, &p, e) < 0 ||
	    plan_limits(s, h, &p, e) < 0 || plan_ports(s, c, &p, e) < 0 ||
	    plan_mounts(s, h, &p, e) < 0) {
		plan_free(&p);
		return -1;
	}
	*ret = p;
	return 0;
}

void plan_free(struct plan *p)
{
	struct strv *lists[] = {&p->layers, &p->args, &p->env, &p->group_add, &p->labels};
	char *texts[] = {p->name,	p->rootfs_dir, p->container_dir, p->data,
			 p->run,	p->hostname,   p->workdir,	 p->user,
			 p->seccomp,	p->cidfile,    p->image_id,	 p->image_name,
			 p->driver_why, p->program,    p->cgroup_parent};

	for (size_t i = 0; i < array_len(lists); i++)
		strv_free(lists[i]);
	for (size_t i = 0; i < array_len(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < p->n_mounts; i++) {
		free(p->mounts[i].fstype);
		free(p->mounts[i].source);
		free(p->mounts[i].target);
		free(p->mounts[i].data);
	}
	for (size_t i = 0; i < p->n_files; i++)
		free(p->files[i].text);
	portmaps_free(&p->ports);
	portmaps_free(&p->exposed);
	limits_free(&p->limits);
	free(p->mounts);
	free(p->rlimits);
	*p = (struct plan){0};
}
