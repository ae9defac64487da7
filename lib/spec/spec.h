/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was asked for. Shaped as the OCI runtime-spec (config.md, config-linux.md), with what
 * belongs to a launcher (name, image, detach, …) beside it. Filled from the command line and the
 * configuration; the image's own wishes and the host's abilities come in with plan_build().
 */
#pragma once
#include "lib/base/strv.h"
#include "lib/spec/limits.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum tristate { UNSET = -1, NO = 0, YES = 1 };
enum net_mode { NET_NONE, NET_HOST, NET_PRIVATE };
enum pull_policy { PULL_MISSING, PULL_ALWAYS, PULL_NEVER, PULL_NEWER };
enum dry_run { DRY_RUN_OFF, DRY_RUN_PLAN, DRY_RUN_OCI };
enum mount_kind { MOUNT_BIND, MOUNT_TMPFS };

/* One of -v, --mount, --tmpfs. */
struct spec_mount {
	enum mount_kind kind;
	char *source;		   /* bind: absolute path on the host; NULL otherwise */
	char *target;		   /* absolute, cleaned */
	unsigned long flags;	   /* MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME */
	unsigned long clear;	   /* of the same flags: asked off ("dev", "suid", "exec") */
	unsigned long propagation; /* MS_PRIVATE … MS_UNBINDABLE, 0: private */
	bool recursive;		   /* bind: with what is mounted beneath (rbind, the default) */
	bool chown;		   /* U: give the source to the container's user */
	char *data;		   /* tmpfs: "size=64m,mode=1777" */
	bool copy_up;		   /* tmpfs: starts with what the image has there */
	bool is_image_default;	   /* from --read-only-tmpfs, not from the user */
};

/* --device HOST[:CONTAINER][:rwm] */
struct spec_device {
	char *source;
	char *target;
	bool read_only; /* "r" alone */
};

/* --ulimit; values in the kernel's units, UINT64_MAX is unlimited. */
struct spec_rlimit {
	int resource; /* RLIMIT_* */
	uint64_t soft, hard;
};

/* How an image is fetched from a registry. */
struct spec_fetch {
	char *platform;	 /* NULL: this machine's */
	char *cert_dir;	 /* NULL: the certs.d folders */
	bool tls_verify; /* default true */
	bool quiet;
	bool keep_blobs;
	int timeout, retries, retry_delay;     /* seconds, tries after the first, seconds */
	struct strv aliases, search, insecure; /* NAME=HOST/PATH, HOST, HOST */
};

struct spec {
	/* what to run it from: exactly one is set */
	char *image;  /* reference as typed */
	char *rootfs; /* --rootfs: absolute path */

	/* process */
	struct strv args;	/* after IMAGE */
	struct strv entrypoint; /* valid with has_entrypoint; empty: the image's is dropped */
	bool has_entrypoint;
	struct strv env; /* K=V, --env-file first, then -e; already resolved */
	char *workdir;	 /* NULL: the image's */
	char *user;	 /* NULL: the image's; "name|uid[:group|gid]" */
	struct strv group_add;
	int umask; /* -1: 0022 */
	bool interactive, terminal;
	enum tristate no_new_privs; /* UNSET: off */
	struct strv cap_add, cap_drop;
	struct spec_rlimit *rlimits;
	size_t n_rlimits;
	int oom_score_adj;

	/* root and mounts */
	bool read_only;
	bool read_only_tmpfs; /* default true */
	struct spec_mount *mounts;
	size_t n_mounts;
	struct spec_device *devices;
	size_t n_devices;
	int64_t shm_size;     /* bytes; -1: 64 MiB */
	char *storage_driver; /* NULL: the first that works */

	/* linux */
	char *hostname; /* NULL: first 12 of the id */
	enum net_mode network;
	struct strv publish, expose; /* as typed, checked: net/portmap.h reads them */
	bool publish_all;
	char *network_options; /* private: what followed "slirp:", checked; or NULL */
	struct strv dns, dns_search, dns_options;
	bool no_dns;		    /* --dns none: the image's own resolv.conf */
	struct strv add_hosts;	    /* "ADDRESS NAME...", or "host-gateway NAME..." */
	bool no_hosts, no_hostname; /* the image's own files */
	char *seccomp;		    /* NULL: default; "unconfined"; or a path */
	struct strv mask, unmask;
	bool unmask_all;
	bool privileged;
	struct spec_limits limits;
	char *cgroup_parent; /* "NAME.slice", or a path beneath the cgroup mount; NULL: not asked */

	/* life */
	char *name;
	struct strv labels; /* K=V */
	char *cidfile;
	bool detach, remove, init;
	char *stop_signal; /* NULL: the image's, else SIGTERM */
	int stop_timeout;  /* seconds; -1: 10 */
	enum pull_policy pull;
	struct spec_fetch fetch;
	enum dry_run dry_run;
};

/* A spec with every "not asked" value in place. */
void spec_init(struct spec *s);
void spec_free(struct spec *s);
/* Append a zeroed element and return it. */
struct spec_mount *spec_add_mount(struct spec *s);
struct spec_device *spec_add_device(struct spec *s);
struct spec_rlimit *spec_add_rlimit(struct spec *s);
