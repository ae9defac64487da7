/* SPDX-License-Identifier: Apache-2.0 */
/* The image that a name means: one that is here, or one that is fetched first, as asked. */
#pragma once
#include "lib/spec/spec.h"

#include <stdbool.h>

struct dirs;
struct err;
struct id_map;
struct image;

struct image_wish {
	const struct dirs *dirs;
	const struct id_map *map;
	const struct spec_fetch *fetch;
	enum pull_policy policy;
	const char *name; /* as typed */
};

/*
 * Under its name, the names that it may mean, or its id. -1: not here, or not for the platform that
 * is asked for.
 */
int image_find_local(const struct image_wish *w, struct image *ret, struct err *e);
/*
 * By policy. Progress goes to standard error. Fetched from the first registry that has it, where
 * the name leaves that open.
 */
int image_find(const struct image_wish *w, struct image *ret, struct err *e);
