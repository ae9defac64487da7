/* SPDX-License-Identifier: Apache-2.0 */
/* Image references, by the grammar of distribution/reference. */
#pragma once
#include <stdbool.h>

struct err;

struct reference {
	char *domain; /* "docker.io", "localhost:5000" */
	char *path;   /* "library/alpine" */
	char *tag;    /* or NULL when only a digest was given */
	char *digest; /* "sha256:…" or NULL */
};

/* Parses what a user typed and fills in docker.io/library and :latest (pure; fuzzed). */
int reference_parse(const char *text, struct reference *ret, struct err *e);
/* "domain/path[:tag][@digest]", owned by the caller. */
char *reference_full(const struct reference *r);
/* Whether text is 1 to 64 hex digits: an image id or the beginning of one. */
bool reference_is_id(const char *text);
void reference_free(struct reference *r);
