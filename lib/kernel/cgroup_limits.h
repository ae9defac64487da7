/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits of a control group as a table: which option of rlc is which file of which controller
 * (Linux, admin-guide/cgroup-v2.rst), and how its value is written. What the OCI runtime-spec has
 * in words of cgroup version 1 is converted as crun does (crun(1), "cgroup v2").
 */
#pragma once
#include "lib/kernel/cgroup_parse.h"

#include <stddef.h>
#include <stdint.h>

struct cgroup_place;
struct err;
struct spec_limits;

enum limit_kind {
	LIMIT_UNASKED,
	LIMIT_NONE, /* "no limit": a new group has none, and needs no controller for it */
	LIMIT_SET,
	LIMIT_IF_THERE, /* goes with another limit, where the kernel has the file */
};

enum { LIMIT_TEXT = 64 }; /* room for what is written of numbers */

struct cgroup_limit {
	const char *option;
	enum cgroup_controller controller;
	const char *file;
	size_t from[2]; /* members of struct spec_limits it is made of, int64_t; 0: no more */
	size_t text;	/* or the char * that is written as it stands; 0: numbers */
	/* Puts what is to be written of numbers into buf. */
	enum limit_kind (*format)(const struct spec_limits *l, char buf[LIMIT_TEXT]);
	bool otherwise; /* only where the file of the row before is not there */
};

extern const struct cgroup_limit cgroup_limits[];
extern const size_t n_cgroup_limits;

/*
 * Whether every limit asked for can be set below p. An absent controller is an error that names it
 * and the remedy; with best_effort a notice is logged instead, the limit taken out of l, and 0
 * returned.
 */
int cgroup_check(const struct cgroup_place *p, struct spec_limits *l, struct err *e);
/*
 * "FILE=VALUE" of --cgroup-conf: which controller the file is of. Not of that form, no file of a
 * controller that rlc can hand on, or one of cgroup.* (the launcher's own): error.
 */
int cgroup_conf_controller(const char *conf, enum cgroup_controller *ret, struct err *e);
/*
 * Sets the limits of the group cgroup_fd, a child of p: of l those that `only` asks for as well,
 * with NULL all. "No limit" is written where there may be
 * one. A wanted controller that p lacks, a file that this kernel lacks, processors that are not
 * there: error with remedy; with best_effort a notice.
 */
int cgroup_limit(int cgroup_fd, const struct cgroup_place *p, const struct spec_limits *l,
		 const struct spec_limits *only, struct err *e);
