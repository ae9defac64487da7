/* SPDX-License-Identifier: Apache-2.0 */
/* Where an image of a short name ("alpine") may come from. Pure; in rlc. */
#pragma once
#include "lib/base/strv.h"

struct err;

/*
 * Appends to *ret the full references to try, in order. A name with a host is itself. A short one
 * is what aliases ("NAME=HOST/PATH") make of it; else it is looked for in each registry of search
 * ("HOST[:PORT]"), in docker.io when there is none. Tag and digest stay.
 */
int short_name_candidates(const char *typed, const struct strv *aliases, const struct strv *search,
			  struct strv *ret, struct err *e);
/*
 * Appends the full references that an image here may have for what was typed, best first: what was
 * named by its user (localhost/), where the settings lead, docker.io. None for what is no name.
 */
void short_name_here(const char *typed, const struct strv *aliases, const struct strv *search,
		     struct strv *ret);
/* Whether text is an alias: a short name, "=" and a name with a host, both without tag. */
int short_name_check_alias(const char *text, struct err *e);
/* Whether text may stand for a registry: "HOST[:PORT]". */
int short_name_check_host(const char *text, struct err *e);
