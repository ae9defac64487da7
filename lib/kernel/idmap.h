/* SPDX-License-Identifier: Apache-2.0 */
/* User-namespace id maps: who may use which ids, and how they get into the kernel. */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct id_range {
	uint32_t inside, outside, count; /* as in /proc/PID/uid_map */
};

enum { ID_RANGES_MAX = 32 };

struct id_map {
	struct id_range uid[ID_RANGES_MAX], gid[ID_RANGES_MAX];
	size_t n_uid, n_gid;
	bool single;	      /* no subordinate ids: only 0 exists inside, setgroups is denied */
	bool direct;	      /* real root writes the map itself */
	char why_single[256]; /* with single: what lacks and how to mend it, else "" */
};

/*
 * The map a run of the calling user gets: 0 is the user, 1… her subordinate ids. Real root: 0 is
 * the first subordinate id of "root" or "containers", never 0. Without subordinate ids or without
 * newuidmap: single. Never fails for want of ids; -1 only for unreadable or malformed files.
 */
int idmap_for_caller(struct id_map *ret, struct err *e);
/* A map on its way into the kernel. */
struct idmap_job {
	struct idmap_helper {
		const char *name; /* NULL: not started, or waited for */
		pid_t pid;
		int complaint; /* what it says on stderr */
		char *path;
		struct strv argv;
		int said; /* the helper's end of complaint */
		void *stack;
	} uids, gids;
};
/*
 * Starts giving pid its map: both helpers run in parallel while the caller does other things; the
 * map is written at once where no helper is needed. idmap_wait() must follow, also before an end.
 */
int idmap_start(const struct id_map *m, pid_t pid, struct idmap_job *ret, struct err *e);
int idmap_wait(struct idmap_job *j, struct err *e);
/* Both in one. */
int idmap_write(const struct id_map *m, pid_t pid, struct err *e);
/* Host id of a container id, or -1 when it is not in the map. */
int64_t idmap_uid_outside(const struct id_map *m, uint32_t inside);
int64_t idmap_gid_outside(const struct id_map *m, uint32_t inside);
/* Container id of a host id, or -1 when it is not in the map. */
int64_t idmap_uid_inside(const struct id_map *m, uint32_t outside);
/* Largest number of ids inside, counted from 0 without a gap. */
uint64_t idmap_uid_count(const struct id_map *m);
uint64_t idmap_gid_count(const struct id_map *m);
/* Full path of newuidmap or newgidmap on this host, owned by the caller, or NULL. */
char *idmap_helper_path(const char *name);
/* Whether the helper at path may write maps: setuid root, or the file capability. */
bool idmap_helper_privileged(const char *path);
