/* SPDX-License-Identifier: Apache-2.0 */
/* Which of an index's images this machine runs, in Go's words for architectures. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct descriptor;

struct platform {
	char architecture[32]; /* "amd64" */
	char variant[8];       /* "v7" of arm, or "" */
};

struct err;

/* What a user writes: "linux/arm64", "linux/arm/v7"; uname(2)'s words for machines too (pure). */
int platform_parse(const char *text, struct platform *ret, struct err *e);
/* This machine's. */
struct platform platform_native(void);
/* The same of uname(2)'s machine, which stays as it is when it is unknown (pure). */
struct platform platform_of_machine(const char *machine);
/*
 * Whether the platform runs what a configuration says of itself (pure). NULL: what it does not say
 * fits.
 */
bool platform_fits(const struct platform *p, const char *architecture, const char *variant);
/*
 * Index of the best entry: Linux, same architecture, the newest variant that the platform runs; an
 * entry that names no platform does too, if nothing else. -1: none fits.
 */
int platform_choose(const struct platform *p, const struct descriptor *const *list, size_t n);
