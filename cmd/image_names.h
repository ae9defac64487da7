/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which image of the store is meant by what was typed. One way for every command: what `pull` and
 * `run` made of a short name is found again by the same word.
 */
#pragma once
#include "lib/base/strv.h"

struct context;
struct dirs;
struct err;

/* Where short names lead: the settings registry-alias and registry-search. */
struct image_names {
	struct strv aliases, search;
};

#define auto_image_names __attribute__((cleanup(image_names_free)))

/* Reads them out of the configuration and the environment. */
int image_names_load(const struct context *c, struct image_names *ret, struct err *e);
void image_names_free(struct image_names *n);
/*
 * The full name by which the store has it, or, where it has none (the beginning of an id, a name
 * that is not here), a copy of what was typed. Owned by the caller.
 */
int image_names_find(const struct image_names *n, const struct dirs *d, const char *typed,
		     char **ret, struct err *e);
