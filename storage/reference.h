/* SPDX-License-Identifier: Apache-2.0 */
/* Image references, by the grammar of distribution/reference. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct err;

struct reference {
	char *domain; /* "docker.io", "localhost:5000" */
	char *path;   /* "library/alpine" */
	char *tag;    /* or NULL when only a digest was given */
	char *digest; /* "sha256:…" or NULL */
};

/* Parses what a user typed and fills in docker.io/library and :latest (pure; fuzzed). */
int reference_parse(const char *text, struct reference *ret, struct err *e);
/*
 * The same for a name that is given here, by load, import and tag: without a domain it means
 * localhost/NAME, as podman has it.
 */
int reference_parse_local(const char *text, struct reference *ret, struct err *e);
/* Whether text begins with no domain: "alpine", "user/app:1". */
bool reference_is_short(const char *text);
/* "domain/path[:tag][@digest]", owned by the caller. */
char *reference_full(const struct reference *r);
/* Whether text is 1 to 64 hex digits: an image id or the beginning of one. */
bool reference_is_id(const char *text);
/* Whether text is "sha256:" and 64 lower-case hex digits: the one algorithm of this store. */
bool reference_is_digest(const char *text);
/* Whether text may be a tag: 1 to 128 letters, digits, _ . - and no . or - in front. */
bool reference_is_tag(const char *text);
void reference_free(struct reference *r);
