/* SPDX-License-Identifier: Apache-2.0 */
/* Runs rlc-image: root of a user namespace with the caller's id map, in a jail. */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>

struct err;
struct dirs;
struct id_map;
struct json_object;
struct notices;
struct progress;

struct worker_request {
	const char *verb; /* load, import, pull, check, remove */
	const char *root; /* what becomes its "/": "tmp/…", relative to the data folder */
	struct strv keys; /* "KEY=VALUE": see cmd/rlc_image.c */
	int input;	  /* what becomes its descriptor 4, or -1 */
	int folder,
	    folder_sock; /* an OCI layout to lend file by file (input is the other end), or -1 */
	bool unchanged;	 /* see storage/take_in.h */
	bool can_stop;	 /* what it does may be given up, when `stop` can be read */
	int stop;
	/* Called in rlc for each change that a pull tells of (storage/progress.h); NULL: not told.
	 */
	void (*progress)(const struct progress *p, void *arg);
	void *progress_arg;
	struct notices *others; /* rlc-fetch's, shown meanwhile; or NULL */
};

/*
 * Starts it, serves it, waits for it; one that has answered and lives on is killed. 0 and its
 * answer (owned by the caller), or -1 with the error it told. Wants tmp/ and layers/ to be there.
 */
int worker_run(const struct dirs *d, const struct id_map *map, const struct worker_request *r,
	       struct json_object **ret, struct err *e);
