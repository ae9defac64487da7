/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One layer's tar becomes a folder that overlayfs can stack (image-spec layer.md). In rlc-image,
 * as root of the user namespace; nothing of the tar is trusted.
 */
#pragma once
#include "lib/base/strv.h"
#include "storage/lower.h"

#include <stdint.h>

struct err;
struct tar;

/* What a layer may use at most. */
struct unpack_limits {
	uint64_t bytes, entries;
	uint64_t deleted; /* bytes of whiteouts' names, which are kept in memory */
};

extern const struct unpack_limits unpack_limits_default;

/* Which owners exist: ids count from 0 up. */
struct unpack_ids {
	uint64_t uids, gids;
	bool single;	    /* only 0: every other owner becomes 0, and is counted */
	uint64_t next_free; /* first id of the host that nobody has, for the hint; 0: unknown */
	const char *user;   /* who needs more, for the hint */
};

/* Where and how a layer is unpacked. */
struct unpack {
	int root; /* an empty folder */
	struct lower lower;
	struct unpack_limits limits;
	struct unpack_ids ids;
};

/* What came of it. */
struct unpack_report {
	uint64_t entries, bytes;
	uint64_t names;	  /* in the tree that came out; see names_known */
	bool names_known; /* no folder full of them was replaced */
	uint64_t whiteouts;
	uint64_t devices;  /* left out: a user namespace may not make them */
	uint64_t xattrs;   /* left out: not allowed, or meant for another host */
	uint64_t squashed; /* owners that became 0 */
	bool hides_all;	   /* its root is opaque, which overlayfs does not ask: drop those below */
	bool depends;	   /* the result holds something of the layers below */
	struct strv inherits; /* folders the tar has no entry for */
};

/*
 * Unpacks t into u->root. umask must be 0. On -1 the folder holds a part; the error names the
 * entry. ret's list is the caller's to free in any case.
 */
int unpack_layer(const struct unpack *u, struct tar *t, struct unpack_report *ret, struct err *e);
void unpack_report_free(struct unpack_report *r);
