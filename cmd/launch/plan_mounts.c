/* SPDX-License-Identifier: Apache-2.0 */
/* Which mounts a container gets, as tables; pure, part of plan_build(). */
#include "cmd/launch/plan_mounts.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/str.h"

#include <fnmatch.h>
#include <sys/mount.h>

enum { DEV_FLAGS = MS_NOSUID | MS_NOEXEC, DATA_FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC };

/* A default mount, as podman has them (runtime-spec, config-linux.md "Default Filesystems"). */
struct default_mount {
	const char *fstype, *target, *data;
	unsigned long flags;
	enum plan_mount_kind kind;
};

static const struct default_mount basics[] = {
    {"proc", "/proc", NULL, DATA_FLAGS, PLAN_PROC},
    {"tmpfs", "/dev", "mode=755,size=65536k", DEV_FLAGS | MS_STRICTATIME, PLAN_NEW},
    {"devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620", DEV_FLAGS, PLAN_NEW},
    {"mqueue", "/dev/mqueue", NULL, DATA_FLAGS, PLAN_NEW},
    {"tmpfs", "/dev/shm", NULL, DATA_FLAGS, PLAN_NEW},
    {"sysfs", "/sys", NULL, DATA_FLAGS | MS_RDONLY, PLAN_NEW},
    {"cgroup2", "/sys/fs/cgroup", NULL, DATA_FLAGS | MS_RDONLY, PLAN_NEW},
};

static const char *const devices[] = {
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
};

static const struct {
	const char *target, *text;
} links[] = {
    {"/dev/fd", "/proc/self/fd"},	{"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
    {"/dev/core", "/proc/kcore"},	{"/dev/ptmx", "pts/ptmx"},
};

static const char *const masked[] = {
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
    "/sys/fs/selinux",
};

static const char *const read_only[] = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

/* --read-only-tmpfs: where programs must be able to write. */
static const char *const scratch[] = {"/run", "/tmp", "/var/tmp"};

static struct plan_mount *add(struct plan *p, enum plan_mount_kind kind, const char *target)
{
	struct plan_mount *m;

	p->mounts = xreallocarray(p->mounts, p->n_mounts + 1, sizeof(*p->mounts));
	m = &p->mounts[p->n_mounts++];
	*m = (struct plan_mount){.kind = kind, .target = xstrdup(target)};
	return m;
}

/* The user's own mount of the same target takes a default's place. */
static bool asked_for(const struct spec *s, const char *target)
{
	for (size_t i = 0; i < s->n_mounts; i++)
		if (strcmp(s->mounts[i].target, target) == 0)
			return true;
	return false;
}

/* A folder of the host (-v /dev:/dev) brings what would be put there, and is not written to. */
static bool covered(const struct spec *s, const char *target)
{
	for (size_t i = 0; i < s->n_mounts; i++)
		if (s->mounts[i].kind == MOUNT_BIND && path_is_beneath(target, s->mounts[i].target))
			return true;
	return false;
}

static bool has_gid(const struct id_map *map, uint32_t gid)
{
	return idmap_gid_outside(map, gid) >= 0;
}

static void add_basics(const struct spec *s, const struct plan_host *h, struct plan *p)
{
	for (size_t i = 0; i < array_len(basics); i++) {
		const struct default_mount *b = &basics[i];
		struct plan_mount *m;

		if (asked_for(s, b->target) || (covered(s, b->target) && b->kind == PLAN_NEW))
			continue;
		m = add(p, b->kind, b->target);
		m->fstype = xstrdup(b->fstype);
		m->data = xstrdup_null(b->data);
		m->flags = b->flags;
		m->optional = strcmp(b->fstype, "cgroup2") == 0 || strcmp(b->fstype, "mqueue") == 0;
		if (s->privileged && strcmp(b->target, "/proc") != 0)
			m->flags &= ~(unsigned long)MS_RDONLY;
		if (strcmp(b->target, "/dev/shm") == 0)
			m->data = xasprintf("mode=1777,size=%lld",
					    (long long)(s->shm_size < 0 ? 64 << 20 : s->shm_size));
		/* Group tty owns terminals (POSIX grantpt), where the map has it. */
		if (strcmp(b->fstype, "devpts") == 0 && has_gid(&h->map, 5))
			xstr_set(&m->data, "newinstance,ptmxmode=0666,mode=0620,gid=5");
		/* sysfs shows the network of who mounts it: without an own one, only the host's
		 * binds. */
		if (strcmp(b->fstype, "sysfs") == 0 && h->sysfs_shared) {
			m->kind = PLAN_BIND;
			m->source = xstrdup("/sys");
			m->recursive = true;
		}
	}
}

static void add_device(struct plan *p, const char *source, const char *target, bool asked,
		       bool is_read_only)
{
	struct plan_mount *m = add(p, PLAN_BIND, target);

	m->source = xstrdup(source);
	m->flags = MS_NOSUID | MS_NOEXEC | (is_read_only ? MS_RDONLY : 0UL);
	m->asked = asked;
}

static void add_devices(const struct spec *s, const struct plan_host *h, struct plan *p)
{
	if (!covered(s, "/dev/null")) {
		for (size_t i = 0; i < array_len(devices); i++)
			add_device(p, devices[i], devices[i], false, false);
		for (size_t i = 0; i < array_len(links); i++)
			add(p, PLAN_LINK, links[i].target)->source = xstrdup(links[i].text);
		if (p->terminal)
			add(p, PLAN_BIND, "/dev/console")->pty = true;
	}
	for (size_t i = 0; s->privileged && h->host_devices && h->host_devices[i]; i++) {
		bool is_default = false;

		for (size_t j = 0; j < array_len(devices); j++)
			is_default |= strcmp(devices[j], h->host_devices[i]) == 0;
		if (!is_default && !covered(s, h->host_devices[i])) {
			add_device(p, h->host_devices[i], h->host_devices[i], false, false);
			p->mounts[p->n_mounts - 1].optional = true;
		}
	}
}

static void add_scratch(const struct spec *s, struct plan *p)
{
	for (size_t i = 0; s->read_only && s->read_only_tmpfs && i < array_len(scratch); i++) {
		struct plan_mount *m;

		if (asked_for(s, scratch[i]))
			continue;
		m = add(p, PLAN_NEW, scratch[i]);
		m->fstype = xstrdup("tmpfs");
		m->flags = MS_NOSUID | MS_NODEV;
		m->data = xstrdup(strcmp(scratch[i], "/run") == 0 ? "mode=755" : "mode=1777");
		m->copy_up = true;
	}
}

static bool has_file(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (strcmp(p->files[i].name, name) == 0)
			return true;
	return false;
}

static void add_files(const struct spec *s, struct plan *p)
{
	static const struct {
		const char *name, *target;
	} files[] = {
	    {"hosts", "/etc/hosts"},
	    {"resolv.conf", "/etc/resolv.conf"},
	    {"hostname", "/etc/hostname"},
	    {"containerenv", "/run/.containerenv"},
	};

	for (size_t i = 0; i < array_len(files); i++) {
		struct plan_mount *m;

		if (!has_file(p, files[i].name) || asked_for(s, files[i].target) ||
		    covered(s, files[i].target))
			continue;
		m = add(p, PLAN_FILE, files[i].target);
		m->source = xstrdup(files[i].name);
		m->flags = DATA_FLAGS;
	}
}

/*
 * Container root *is* the user outside: a folder of hers that covers rlc's own would hand the image
 * rlc's store, state and configuration. They are masked in it.
 */
static void mask_own_folders(const struct spec *s, const char *source, const char *target,
			     const struct plan_host *h, struct plan *p)
{
	const char *own[] = {h->data, h->run, h->config_dirs[0], h->config_dirs[1]};
	size_t cut = strcmp(source, "/") == 0 ? 0 : strlen(source);

	for (size_t i = 0; i < array_len(own); i++) {
		auto_free char *inside = NULL;

		if (!own[i] || !path_is_beneath(own[i], source))
			continue;
		inside = xasprintf("%s%s", strcmp(target, "/") == 0 ? "" : target, own[i] + cut);
		if (!asked_for(s, inside))
			add(p, PLAN_MASK, inside);
	}
}

/* what: "volume", … ; source may be NULL (nothing of the host). */
static int check_source(const char *what, const char *source, const struct plan_host *h,
			struct err *e)
{
	const char *own[] = {h->data, h->run};

	for (size_t i = 0; source && i < array_len(own); i++) {
		if (!path_is_beneath(source, own[i]))
			continue;
		err_msg(e, "%s %s lies in rlc's own folder %s", what, source, own[i]);
		return err_hint(e, "a container that writes there could change images and other "
				   "containers; keep it elsewhere");
	}
	return 0;
}

static int check_target(const char *target, struct err *e)
{
	if (strcmp(target, "/") == 0) {
		err_msg(e, "mount on /: the root is the image's");
		return err_hint(e, "to run from a folder: rlc run --rootfs FOLDER COMMAND");
	}
	if (!path_is_beneath(target, "/proc"))
		return 0;
	err_msg(e,
		"mount on %s: nothing may be mounted over /proc, or what the container is told "
		"of itself is no longer the kernel's word",
		target);
	return err_hint(e, "choose another target");
}

static void add_volume(const struct spec_mount *v, struct plan *p)
{
	struct plan_mount *m = add(p, v->kind == MOUNT_BIND ? PLAN_BIND : PLAN_NEW, v->target);

	m->source = xstrdup_null(v->source);
	m->fstype = v->kind == MOUNT_TMPFS ? xstrdup("tmpfs") : NULL;
	m->data = xstrdup_null(v->data);
	/* What is bound of /dev is bound for its devices. */
	if (v->source && path_is_beneath(v->source, "/dev"))
		m->flags = (MS_NOSUID & ~v->clear) | v->flags;
	else
		m->flags = ((MS_NOSUID | MS_NODEV) & ~v->clear) | v->flags;
	/* How far it reaches is the bind's own recursion: mount_setattr(2) knows no MS_REC here. */
	if (v->kind == MOUNT_BIND)
		m->propagation = v->propagation ? v->propagation & ~(unsigned long)MS_REC
						: (unsigned long)MS_PRIVATE;
	m->recursive = v->recursive;
	m->chown = v->chown;
	m->copy_up = v->copy_up;
	m->asked = true;
	p->propagate |= (m->propagation & (MS_SLAVE | MS_SHARED)) != 0;
}

static int add_volumes(const struct spec *s, const struct plan_host *h, struct plan *p,
		       struct err *e)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct spec_mount *v = &s->mounts[i];

		if (check_target(v->target, e) < 0 || check_source("volume", v->source, h, e) < 0)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (strcmp(v->target, s->mounts[j].target) == 0) {
				err_msg(e, "two mounts on %s", v->target);
				return err_hint(e, "keep one of them");
			}
		add_volume(v, p);
	}
	return 0;
}

static int add_asked_devices(const struct spec *s, const struct plan_host *h, struct plan *p,
			     struct err *e)
{
	for (size_t i = 0; i < s->n_devices; i++) {
		const struct spec_device *d = &s->devices[i];

		if (check_target(d->target, e) < 0 || check_source("device", d->source, h, e) < 0)
			return -1;
		add_device(p, d->source, d->target, true, d->read_only);
		p->mounts[p->n_mounts - 1].device = true;
	}
	return 0;
}

static void add_own_masks(const struct spec *s, const struct plan_host *h, struct plan *p)
{
	if (p->rootfs_dir)
		mask_own_folders(s, p->rootfs_dir, "/", h, p);
	for (size_t i = 0; i < s->n_mounts; i++)
		if (s->mounts[i].source)
			mask_own_folders(s, s->mounts[i].source, s->mounts[i].target, h, p);
	for (size_t i = 0; i < s->n_devices; i++)
		mask_own_folders(s, s->devices[i].source, s->devices[i].target, h, p);
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

/*
 * What is mounted deeper comes later, or the upper one would hide it. By insertion: equal depths
 * stay as they were added, and the list is short and nearly in order.
 */
static void sort_by_depth(struct plan *p)
{
	for (size_t i = 1; i < p->n_mounts; i++) {
		struct plan_mount m = p->mounts[i];
		size_t n = depth(m.target), j;

		for (j = i; j > 0 && depth(p->mounts[j - 1].target) > n; j--)
			p->mounts[j] = p->mounts[j - 1];
		p->mounts[j] = m;
	}
}

static bool unmasked(const struct spec *s, const char *path)
{
	if (s->privileged || s->unmask_all)
		return true;
	for (size_t i = 0; i < s->unmask.n; i++)
		if (fnmatch(s->unmask.v[i], path, FNM_PATHNAME) == 0)
			return true;
	return false;
}

static void add_masks(const struct spec *s, const struct plan_host *h, struct plan *p)
{
	for (size_t i = 0; i < array_len(masked); i++)
		if (!unmasked(s, masked[i]) && !covered(s, masked[i]))
			add(p, PLAN_MASK, masked[i]);
	/* The host's own /sys holds what a fresh sysfs of this namespace would refuse. */
	if (h->sysfs_shared && !unmasked(s, "/sys/kernel") && !covered(s, "/sys/kernel"))
		add(p, PLAN_MASK, "/sys/kernel");
	for (size_t i = 0; i < s->mask.n; i++)
		add(p, PLAN_MASK, s->mask.v[i]);
	for (size_t i = 0; i < array_len(read_only); i++)
		if (!unmasked(s, read_only[i]))
			add(p, PLAN_READ_ONLY, read_only[i]);
	if (s->read_only && !s->read_only_tmpfs && !covered(s, "/dev")) {
		add(p, PLAN_READ_ONLY, "/dev");
		if (!covered(s, "/dev/shm"))
			add(p, PLAN_READ_ONLY, "/dev/shm");
	}
}

int plan_mounts(const struct spec *s, const struct plan_host *h, struct plan *p, struct err *e)
{
	add_basics(s, h, p);
	add_devices(s, h, p);
	add_scratch(s, p);
	add_files(s, p);
	if (add_asked_devices(s, h, p, e) < 0 || add_volumes(s, h, p, e) < 0)
		return -1;
	if (p->rootfs_dir && check_source("--rootfs", p->rootfs_dir, h, e) < 0)
		return -1;
	sort_by_depth(p);
	add_own_masks(s, h, p);
	add_masks(s, h, p);
	return 0;
}
