/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run will do, decided in full before anything is done: asked (spec) + the image's wishes +
 * what this host can (facts) → plan. plan_build() is pure: it opens nothing, so golden tests
 * compare plans without root, and `--dry-run` prints what would happen.
 */
#pragma once
#include "lib/base/strv.h"
#include "lib/kernel/cgroup.h"
#include "lib/kernel/idmap.h"
#include "lib/spec/spec.h"
#include "net/config.h"
#include "net/portmap.h"
#include "storage/rootfs.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct image;

/* What plan_build() needs to know of the host; gathered before, by cmd/run.c. */
struct plan_host {
	struct id_map map;
	struct cgroup_place cgroup;
	struct rootfs_host rootfs;	 /* what roots can be made of */
	const char *data, *run;		 /* folders of struct dirs, absolute and resolved */
	const char *config_dirs[2];	 /* of rlc's configuration, masked in volumes; or NULL */
	const char *hostname;		 /* of the host, for --network=host */
	const char *resolv_conf, *hosts; /* texts of the host's files, or "" */
	uint8_t address[4];		 /* of the host, as others reach it; 0.0.0.0: has none */
	bool no_ipv6;			 /* the kernel was started without it */
	bool sysfs_shared;		 /* host's /sys must be bound: no own network namespace */
	const char *const *host_devices; /* for --privileged: NULL-ended paths in /dev */
};

enum plan_mount_kind {
	PLAN_NEW,  /* a fresh file system: fstype, data */
	PLAN_BIND, /* source is a path of the host */
	PLAN_FILE, /* source names one of the plan.s generated files */
	PLAN_LINK, /* a symlink: source is its text */
	PLAN_PROC, /* made by init, whose pid namespace it shows */
	PLAN_MASK, /* an empty read-only thing over what is there; nothing there: nothing done */
	PLAN_READ_ONLY, /* the same, made read-only where it stands */
};

struct plan_mount {
	enum plan_mount_kind kind;
	char *fstype, *source, *target, *data;
	unsigned long flags, propagation; /* MS_* */
	bool recursive, chown, copy_up;
	bool asked;    /* by the user: errors name it; defaults that the host lacks say so too */
	bool optional; /* the host may lack the source */
	bool device;   /* of --device: a device node, or a folder of them */
	bool pty;      /* /dev/console, present with -t only */
};

/* A text that appears in the container as a file: /etc/hosts and the like. */
struct plan_file {
	const char *name;
	char *text;
};

enum { PLAN_FILES_MAX = 4 };

struct plan {
	char id[65];
	char *name;
	struct id_map map;

	/* root */
	const struct rootfs_driver *driver; /* NULL: rootfs_dir is bound */
	char *driver_why;		    /* why it is not the usual one, or NULL */
	char *program;			    /* that the driver starts, or NULL */
	char *rootfs_dir;
	struct strv layers;
	char *container_dir; /* "containers/ID" under data */
	char *data, *run;
	bool is_volatile, read_only;
	struct plan_mount *mounts; /* in the order they are made */
	size_t n_mounts;
	struct plan_file files[PLAN_FILES_MAX];
	size_t n_files;

	/* namespaces and limits */
	uint64_t namespaces; /* CLONE_NEW*, without NEWUSER, NEWPID and NEWCGROUP */
	enum net_mode network;
	struct net_config net;	 /* private network */
	bool propagate;		 /* some volume wants host mounts to appear in it */
	char *hostname;		 /* NULL: no own uts namespace */
	struct portmaps ports;	 /* to be published */
	struct portmaps exposed; /* by the image and --expose; only told */
	bool use_cgroup;
	struct cgroup_place cgroup;
	struct spec_limits limits; /* what can be had of what was asked */
	char *cgroup_parent;	   /* as asked, or NULL */

	/* process */
	struct strv args, env;
	bool makes_workdir;   /* the image's, where it is missing; one that was asked for is not */
	char *workdir, *user; /* user: "name|uid[:group|gid]", "" is root */
	struct strv group_add;
	mode_t umask;
	bool home_from_env; /* HOME was asked for; else it comes from /etc/passwd */
	bool terminal, interactive, init, detach, remove;
	uint64_t caps;	     /* bounding, and what root gets */
	uint64_t caps_added; /* of --cap-add: what another user gets */
	bool no_new_privs;
	char *seccomp; /* NULL: default; "unconfined"; path */
	struct spec_rlimit *rlimits;
	size_t n_rlimits;
	int oom_score_adj;
	int stop_signal, stop_timeout;
	struct strv labels;
	char *cidfile;
	char *image_id, *image_name;
	uint64_t image_size; /* bytes unpacked */
};

/*
 * Decides a run. image: NULL with --rootfs. id: 64 hex digits; name: claimed later. What cannot
 * work on this host is refused here, with the fix.
 */
int plan_build(const struct spec *s, const struct image *image, const struct plan_host *h,
	       const char *id, const char *name, struct plan *ret, struct err *e);
void plan_free(struct plan *p);
/* `rlc run --dry-run`: the plan, then the stages of each process, on stdout. */
void plan_print(const struct plan *p);
/* `rlc run --dry-run=oci`, and the record's copy: an OCI runtime-spec config.json (owned). */
char *plan_to_oci(const struct plan *p);
