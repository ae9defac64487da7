/* SPDX-License-Identifier: Apache-2.0 */
/* --filter of `rlc ps`. Several of one key: any may fit (of "label": all must); keys: all must. */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>

struct container;
struct err;

/* Checks "KEY=VALUE" before anything is looked at. */
int ps_filter_check(const char *filter, struct err *e);
bool ps_filter_has_key(const struct strv *filters, const char *key);
/*
 * Whether a container passes. ancestors: the image ids that the values of "ancestor" stand for, in
 * their order, "" where no image of that name is there.
 */
bool ps_filter_passes(const struct strv *filters, const struct strv *ancestors,
		      const struct container *c);
/* The value behind "KEY=" if filter has that key, else NULL. */
const char *ps_filter_value(const char *filter, const char *key);
