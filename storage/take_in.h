/* SPDX-License-Identifier: Apache-2.0 */
/* What load, import and pull have in common: rlc-image makes images, the store gets them. In rlc.
 */
#pragma once
#include "lib/base/strv.h"

struct dirs;
struct err;
struct id_map;
struct offer_terms;
struct worker_request;

/*
 * Removes what killed commands left, runs rlc-image and writes what it made into the store. Sets
 * r->root, and r->unchanged when the answer is that the store has the image already. terms: what
 * the answer is held against (is_single is filled in here). Appends names
 * (or ids) to *names and ids to *ids; both may be NULL. After a failure nothing is left.
 */
int take_in_images(const struct dirs *d, const struct id_map *map, struct worker_request *r,
		   const struct offer_terms *terms, struct strv *names, struct strv *ids,
		   struct err *e);
