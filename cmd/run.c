/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc run`: asked → image and host → plan → launch. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/image_find.h"
#include "cmd/launch/launch.h"
#include "cmd/launch/plan.h"
#include "cmd/launch/plan_oci.h"
#include "cmd/run_options.h"
#include "config.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/kernel/dev.h"
#include "lib/kernel/link.h"
#include "lib/kernel/program.h"
#include "lib/state/linger.h"
#include "lib/state/record.h"
#include "lib/systemd/scope.h"
#include "seccomp/filter.h"
#include "storage/load.h"
#include "storage/lock.h"
#include "storage/platform.h"
#include "storage/reference.h"
#include "storage/rootfs_probe.h"
#include "storage/short_name.h"
#include "storage/store.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

enum { HOST_FILE_MAX = 1 << 20 };

static const char BUILT_IN[] = "localhost/busybox:latest";

/* Everything a run gathers before it is planned, and what it owns of it. */
struct gathered {
	struct spec spec;
	struct image image;
	bool has_image;
	bool roots_tried; /* this run found out what roots can be made of */
	int layers_lock;  /* what was found stays until it is mounted */
	struct plan_host host;
	char *data, *run, *config, *hosts, *resolv_conf, *program;
	struct strv devices;
	char hostname[HOST_NAME_MAX + 1];
};

static void gathered_free(struct gathered *g)
{
	char *texts[] = {g->data, g->run, g->config, g->hosts, g->resolv_conf, g->program};

	if (g->layers_lock >= 0)
		close(g->layers_lock);
	spec_free(&g->spec);
	image_free(&g->image);
	strv_free(&g->devices);
	for (size_t i = 0; i < array_len(texts); i++)
		free(texts[i]);
}

/* Whether what was typed leads to the image that comes with rlc, and nowhere else. */
static int is_built_in(const struct spec *s, bool *ret, struct err *e)
{
	auto_strv struct strv names = {0};
	const char *wanted = "docker.io/library/busybox:latest";

	if (short_name_candidates(s->image, &s->fetch.aliases, &s->fetch.search, &names, e) < 0)
		return -1;
	/* Written in full it is Docker Hub's; an alias or a registry of the user's comes first. */
	if (!reference_is_short(s->image))
		wanted = BUILT_IN;
	*ret = names.n == 1 && strcmp(names.v[0], wanted) == 0 &&
	       access(RLC_DATADIR "/busybox.tar", R_OK) == 0;
	return 0;
}

/* The image that comes with rlc, made at build time from a static busybox. */
static int load_built_in(const struct dirs *d, const struct gathered *g, struct err *e)
{
	auto_strv struct strv changes = {0};
	auto_free char *id = NULL;
	bool wanted;

	if (is_built_in(&g->spec, &wanted, e) < 0)
		return -1;
	if (!wanted)
		return 0;
	if (!g->spec.fetch.quiet)
		log_warn("%s is made of the image that comes with rlc (" RLC_DATADIR
			 "/busybox.tar), not fetched; docker.io/library/busybox is Docker Hub's",
			 BUILT_IN);
	strv_add(&changes, "CMD [\"/bin/sh\"]");
	strv_add(&changes, "LABEL org.opencontainers.image.title=busybox");
	strv_add(&changes,
		 "LABEL org.opencontainers.image.description=The image that comes with rlc");
	strv_add(&changes,
		 "LABEL org.opencontainers.image.source=file://" RLC_DATADIR "/busybox.tar");
	return load_rootfs_tar(d, &g->host.map, RLC_DATADIR "/busybox.tar", BUILT_IN, &changes, &id,
			       e);
}

static int find_image(const struct dirs *d, struct gathered *g, struct err *e)
{
	struct image_wish w = {
	    .dirs = d,
	    .map = &g->host.map,
	    .fetch = &g->spec.fetch,
	    .policy = g->spec.pull,
	    .name = g->spec.image,
	};
	int rc;

	if (g->spec.rootfs)
		return 0;
	g->layers_lock = lock_layers_shared(d->data_fd, e);
	if (g->layers_lock < 0)
		return -1;
	/* What came with rlc need not be fetched. */
	if (w.policy == PULL_MISSING && !w.fetch->platform &&
	    image_find_local(&w, &g->image, e) < 0 && load_built_in(d, g, e) < 0)
		return -1;
	rc = g->image.id ? 0 : image_find(&w, &g->image, e);
	g->has_image = rc == 0;
	return rc;
}

/* Links resolved, so that what lies beneath what is plain to see; the rest is told when opened. */
static void resolve(char **path)
{
	char *real = *path ? realpath(*path, NULL) : NULL;

	if (!real)
		return;
	free(*path);
	*path = real;
}

static char *config_folder(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (xdg && xdg[0] == '/')
		return xasprintf("%s/rlc", xdg);
	return home && home[0] == '/' ? xasprintf("%s/.config/rlc", home) : NULL;
}

static void read_host_file(const char *path, char **ret)
{
	struct err ignored;

	/* A host without the file gives its containers none. */
	if (file_read(AT_FDCWD, path, HOST_FILE_MAX, ret, NULL, &ignored) < 0)
		*ret = xstrdup("");
}

/*
 * Tried, and not read out of a version: distributions give and take what users may mount. Only
 * what the choice depends on.
 */
static int find_roots(const struct dirs *d, struct gathered *g, struct err *e)
{
	const char *asked = g->spec.storage_driver;
	const struct rootfs_driver *driver = asked ? rootfs_driver_find(asked) : NULL;
	struct rootfs_host *h = &g->host.rootfs;
	bool wants_overlay = !asked || driver == &rootfs_overlay;

	if (g->spec.rootfs)
		return 0;
	if (wants_overlay && rootfs_probe(d, &g->host.map, false, h, &g->roots_tried, e) < 0)
		return -1;
	if ((!asked && h->overlay) || (driver && driver->program))
		h->program = g->program = program_find(rootfs_fuse.program);
	return 0;
}

static int find_cgroup(const struct spec *s, struct cgroup_place *ret, struct err *e)
{
	auto_free char *folder = NULL;

	if (cgroup_find(ret, e) < 0)
		return -1;
	/* Only where a group is asked for: a scope costs a start some milliseconds. */
	if (s->cgroup_parent ? s->cgroup_parent[0] != '/'
			     : !ret->delegated && limits_any(&s->limits)) {
		scope_offer(ret);
		if (ret->by_scope || !s->cgroup_parent)
			return 0;
		err_msg(
		    e, "--cgroup-parent %s: no systemd of this user is there to make a scope in it",
		    s->cgroup_parent);
		return err_hint(e, "log in properly (not by su or sudo), or name a group: "
				   "--cgroup-parent /PATH");
	}
	if (!s->cgroup_parent)
		return 0;
	folder = xasprintf("%s%s", ret->mount, s->cgroup_parent);
	if (cgroup_place_beneath(ret, folder, e) == 0)
		return 0;
	return err_ctx(e, "--cgroup-parent %s", s->cgroup_parent);
}

static int gather(const struct dirs *d, struct gathered *g, struct err *e)
{
	struct plan_host *h = &g->host;

	if (idmap_for_caller(&h->map, e) < 0 || find_cgroup(&g->spec, &h->cgroup, e) < 0)
		return -1;
	if (find_image(d, g, e) < 0 || find_roots(d, g, e) < 0)
		return -1;
	g->data = xstrdup(d->data);
	g->run = xstrdup(d->run);
	g->config = config_folder();
	resolve(&g->data);
	resolve(&g->run);
	resolve(&g->config);
	resolve(&g->spec.rootfs);
	for (size_t i = 0; i < g->spec.n_mounts; i++)
		resolve(&g->spec.mounts[i].source);
	for (size_t i = 0; i < g->spec.n_devices; i++)
		resolve(&g->spec.devices[i].source);
	h->data = g->data;
	h->run = g->run;
	h->config_dirs[0] = g->config && access(g->config, F_OK) == 0 ? g->config : NULL;
	gethostname(g->hostname, sizeof(g->hostname) - 1);
	h->hostname = g->hostname;
	h->sysfs_shared = g->spec.network == NET_HOST;
	h->no_ipv6 = g->spec.network == NET_PRIVATE && !link_has_ipv6();
	h->hosts = h->resolv_conf = "";
	if (g->spec.network != NET_NONE) {
		read_host_file("/etc/hosts", &g->hosts);
		read_host_file("/etc/resolv.conf", &g->resolv_conf);
		h->hosts = g->hosts;
		h->resolv_conf = g->resolv_conf;
		link_own_address(h->address);
	}
	if (g->spec.privileged) {
		dev_list(&g->devices);
		h->host_devices = (const char *const *)strv_list(&g->devices);
	}
	return 0;
}

static int make_filter(const struct dirs *d, const struct plan *p, struct filter *ret,
		       struct err *e)
{
	const struct filter_request request = {
	    .profile = p->seccomp,
	    .caps = p->caps,
	    .no_new_privs = p->no_new_privs,
	};
	auto_fd int cache = -1;

	*ret = (struct filter){0};
	if (p->seccomp && strcmp(p->seccomp, "unconfined") == 0)
		return 0;
	if (mkdirat(d->run_fd, "bpf", 0700) < 0 && errno != EEXIST)
		return err_sys(e, "make %s/bpf", d->run);
	cache = openat(d->run_fd, "bpf", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return filter_build(&request, cache, ret, e);
}

static int show_plan(const struct plan *p, enum dry_run how, struct err *e)
{
	auto_free char *config = NULL;

	if (how == DRY_RUN_PLAN) {
		plan_print(p);
		return 0;
	}
	config = plan_to_oci_full(p, e);
	if (!config)
		return -1;
	fputs(config, stdout);
	return 0;
}

/* "Exec format error" of an image made for another machine. */
static void explain_architecture(const struct gathered *g, struct err *e)
{
	const struct platform native = platform_native();
	const char *wants = g->has_image ? g->image.config.architecture : NULL;

	if (e->sys == ENOEXEC && wants && strcmp(wants, native.architecture) != 0)
		err_hint(e,
			 "the image is for %s and this machine is %s: rlc run --platform linux/%s "
			 "fetches the image for it, or install qemu-user-static and binfmt-support",
			 wants, native.architecture, native.architecture);
}

/* Beforehand, and once a session: the mark is in the run folder, which goes with it. */
static void tell_linger(const struct dirs *d, const struct gathered *g)
{
	auto_fd int mark = -1;

	if (!linger_ends_us(g->host.cgroup.own))
		return;
	mark = openat(d->run_fd, "linger-told", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (mark >= 0)
		log_warn("this container may be ended when you log out; let it stay: "
			 "sudo loginctl enable-linger \"$(id -un)\"");
}

static int start(const struct dirs *d, struct gathered *g, const struct plan *p, struct err *e)
{
	struct filter filter;
	int status;

	if (g->spec.dry_run != DRY_RUN_OFF)
		return show_plan(p, g->spec.dry_run, e);
	if (p->terminal && p->interactive && !isatty(STDIN_FILENO))
		log_warn("the input device is not a TTY: --interactive with --tty may not do what "
			 "you expect of them");
	if (p->map.single)
		log_warn("the container has a single user id: %s", p->map.why_single);
	if ((g->spec.publish.n || g->spec.publish_all) && p->network != NET_PRIVATE)
		log_warn("no port is published: --network %s gives the container no network of its "
			 "own",
			 p->network == NET_HOST ? "host" : "none");
	/* Once: it stands in `rlc info` and `rlc inspect` as well. */
	if (p->driver_why && g->roots_tried)
		log_warn("the image's layers become one tree by %s: %s", p->driver->name,
			 p->driver_why);
	if (p->detach)
		tell_linger(d, g);
	if (make_filter(d, p, &filter, e) < 0)
		return -1;
	if (launch(d, p, &filter, take_fd(&g->layers_lock), &status, e) < 0) {
		explain_architecture(g, e);
		/* Should the driver have been the reason: what was found before holds no more. */
		if (!g->spec.storage_driver && e->exit == EXIT_LAUNCHER)
			rootfs_probe_forget(d);
		return -1;
	}
	if (p->detach)
		printf("%s\n", p->id);
	return status;
}

int cmd_run(struct context *c, int argc, char **argv, struct err *e)
{
	struct gathered g = {.layers_lock = -1};
	const struct dirs *d;
	struct plan plan;
	char id[65];
	int rc;

	if (run_options_parse(argc, argv, c, &g.spec, e) < 0)
		return -1;
	rc = context_dirs(c, &d, e);
	if (rc == 0)
		rc = gather(d, &g, e);
	if (rc == 0) {
		record_new_id(id);
		rc = plan_build(&g.spec, g.has_image ? &g.image : NULL, &g.host, id, g.spec.name,
				&plan, e);
	}
	if (rc == 0) {
		rc = start(d, &g, &plan, e);
		plan_free(&plan);
	}
	gathered_free(&g);
	return rc;
}
