/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits of a container's control group as they were asked for, and as "resources" of the OCI
 * runtime-spec (config-linux.md), in which a container's record keeps them.
 */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json_object;

/* Numbers: -1 is not asked, 0 is "no limit" asked. Texts: NULL is not asked. */
struct spec_limits {
	bool best_effort;	    /* --limits=best-effort: what cannot be had is a notice */
	int64_t memory;		    /* bytes */
	int64_t memory_swap;	    /* bytes of memory and swap together */
	int64_t memory_reservation; /* bytes */
	int64_t pids;		    /* tasks */
	bool by_cpus;		    /* cpu_quota was asked for as --cpus */
	int64_t cpu_quota;	    /* µs of each period; 1.5 CPUs is 150000 */
	int64_t cpu_period;	    /* µs; -1: SPEC_CPU_PERIOD */
	int64_t cpu_shares;	    /* 2 to 262144, as of cgroup version 1; 1024 is usual */
	int64_t blkio_weight;	    /* 10 to 1000, as of cgroup version 1 */
	char *cpuset_cpus;	    /* "0-3,5" */
	char *cpuset_mems;
	struct strv conf; /* "FILE=VALUE" of the control group, in the order they are written */
};

enum { SPEC_CPU_PERIOD = 100000 }; /* µs, the kernel's default */

/* Nothing is asked. */
void limits_init(struct spec_limits *l);
void limits_copy(struct spec_limits *to, const struct spec_limits *from);
void limits_free(struct spec_limits *l);
/* Whether any limit is asked for; "no limit" is none. */
bool limits_any(const struct spec_limits *l);
/* Whether anything is asked for, be it "no limit". */
bool limits_asked(const struct spec_limits *l);
/* Asks for "no limit" wherever no number is asked for. */
void limits_lift(struct spec_limits *l);
/* What `changes` asks for replaces what stands in l; conf is added to, KEY by KEY. */
void limits_merge(struct spec_limits *l, const struct spec_limits *changes);
/*
 * What one limit forbids another: swap needs memory and is not less, a reservation is not more.
 * The error names the options.
 */
int limits_check(const struct spec_limits *l, struct err *e);

/* A list of cpuset(7), "0-3,5", as bits; false: not of that form, or a number from LIMITS_CPUS on.
 */
enum { LIMITS_CPUS = 8192 };
struct limits_cpus {
	uint64_t bits[LIMITS_CPUS / 64];
};
bool limits_parse_cpus(const char *text, struct limits_cpus *ret);
/* Whether every number of a is in b too. */
bool limits_cpus_within(const struct limits_cpus *a, const struct limits_cpus *b);

/* Adds "resources" to the "linux" part of a config.json, unless nothing is asked. */
void limits_to_oci(const struct spec_limits *l, struct json_object *linux_part);
/*
 * Reads a "resources" object, as limits_to_oci() wrote it; what rlc has no limit for is passed
 * over. A value of the wrong type or out of range is an error. *ret is written on success only.
 */
int limits_from_oci(struct json_object *resources, struct spec_limits *ret, struct err *e);
