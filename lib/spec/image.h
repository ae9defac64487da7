/* SPDX-License-Identifier: Apache-2.0 */
/* What an image wishes for: the OCI image-spec's config.json, as far as a launch cares. */
#pragma once
#include "lib/base/strv.h"

#include <stdint.h>

struct err;

struct image_config {
	char *architecture, *os, *variant;
	char *created; /* RFC 3339, or NULL */
	struct strv entrypoint, cmd, env;
	char *workdir, *user, *stop_signal;
	struct strv labels;	   /* K=V */
	struct strv volumes;	   /* paths */
	struct strv exposed_ports; /* "80/tcp" */
	struct strv diff_ids;
};

/* Parses a config blob (pure; fuzzed). name is for the error. -1 leaves *ret untouched. */
int image_config_parse(const char *text, size_t n, const char *name, struct image_config *ret,
		       struct err *e);
void image_config_free(struct image_config *c);
