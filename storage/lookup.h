/* SPDX-License-Identifier: Apache-2.0 */
/* Which image is meant by a name, a digest, or the beginning of an id. In rlc. */
#pragma once
#include <stdbool.h>

struct err;
struct index;
struct index_entry;

/*
 * *ret is an entry of x. A short name is tried under localhost/ first, then under
 * docker.io/library. *ret_by_name: it was found by its name, not by an id. Not there: -1 with a
 * hint.
 */
int lookup_entry(int data, const struct index *x, const char *text, const struct index_entry **ret,
		 bool *ret_by_name, struct err *e);
