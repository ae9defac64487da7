/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc pull`, as far as rlc itself does it: starts both halves, commits what comes of it. */
#pragma once
#include "storage/fetch_start.h"

struct dirs;
struct err;
struct id_map;
struct progress;
struct reference;

struct pull_request {
	const struct reference *reference;
	const char *platform; /* "linux/arm64", or NULL: this machine's */
	const char *have;     /* digest of the manifest that the store has of it, or NULL */
	bool keep_blobs; /* of the layers, as they travel: for other tools that read the store */
	struct fetch_options options;
	void (*progress)(const struct progress *p, void *arg); /* or NULL */
	void *progress_arg;
};

/*
 * Fetches an image and gives it its name. *ret_id: hex, owned by the caller; NULL when the registry
 * has what the store has (`have`). INT, TERM and HUP give it up: then nothing is left, and e->exit
 * is 128 plus the signal's number.
 */
int pull_image(const struct dirs *d, const struct id_map *map, const struct pull_request *r,
	       char **ret_id, struct err *e);
