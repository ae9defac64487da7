/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host must offer, as a table: one row, one question, one line of `rlc doctor`. Rows are
 * asked in order and an earlier one may tell a later one what it found.
 */
#pragma once
#include "lib/base/err.h"
#include "lib/kernel/facts.h"
#include "lib/kernel/fix.h"
#include "lib/kernel/idmap.h"
#include "lib/kernel/probe.h"

#include <stdbool.h>
#include <stddef.h>

struct dirs;

enum check_status {
	CHECK_OK,
	CHECK_NOTICE, /* runs work, with less */
	CHECK_BAD,    /* no run works */
};

/* What all checks look at. */
struct check_host {
	struct facts facts;
	const struct dirs *dirs; /* NULL: could not be had, see dirs_error */
	struct err dirs_error, config_error;
	bool config_read;
	/* What the checks themselves find out. */
	struct id_map map; /* of a run; the single-id one where that is refused */
	bool userns_works; /* else nothing below can be tried */
	bool overlay_works;
	const char *storage_driver; /* as configured, or NULL */
};

struct check_result {
	enum check_status status;
	char finding[1400]; /* one line */
	char fix[800];	    /* below it; lines, or "" */
};

struct check {
	const char *name;
	void (*run)(struct check_host *h, struct check_result *ret);
};

extern const struct check checks[];
extern const size_t n_checks;

/* For the checks: what was found, and the remedy. */
void check_say(struct check_result *r, enum check_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void check_fix(struct check_result *r, enum fix id);
/* An error as finding, its hint as remedy. */
void check_error(struct check_result *r, enum check_status status, const struct err *e);
/*
 * Tries p with the map of h. Refused namespaces or map: says so in r (they have rows of their own,
 * so only a notice) and returns false. True: *ret_failed tells whether the step failed, with *e.
 */
bool check_probe(const struct check_host *h, struct probe p, struct check_result *r,
		 bool *ret_failed, struct err *e);

/* check_kernel.c */
void check_kernel(struct check_host *h, struct check_result *r);
void check_system_calls(struct check_host *h, struct check_result *r);
void check_seccomp(struct check_host *h, struct check_result *r);
void check_security_modules(struct check_host *h, struct check_result *r);
void check_landlock(struct check_host *h, struct check_result *r);
void check_ping(struct check_host *h, struct check_result *r);
void check_ports(struct check_host *h, struct check_result *r);
/* check_ids.c */
void check_user_namespaces(struct check_host *h, struct check_result *r);
void check_namespaces(struct check_host *h, struct check_result *r);
void check_helpers(struct check_host *h, struct check_result *r);
void check_subordinate_ids(struct check_host *h, struct check_result *r);
void check_id_map(struct check_host *h, struct check_result *r);
/* check_mounts.c */
void check_overlay(struct check_host *h, struct check_result *r);
void check_proc(struct check_host *h, struct check_result *r);
void check_fuse_overlayfs(struct check_host *h, struct check_result *r);
void check_tun(struct check_host *h, struct check_result *r);
/* check_session.c */
void check_configuration(struct check_host *h, struct check_result *r);
void check_programs(struct check_host *h, struct check_result *r);
void check_registries(struct check_host *h, struct check_result *r);
void check_data_folder(struct check_host *h, struct check_result *r);
void check_run_folder(struct check_host *h, struct check_result *r);
void check_cgroup(struct check_host *h, struct check_result *r);
void check_cgroup_nsdelegate(struct check_host *h, struct check_result *r);
void check_linger(struct check_host *h, struct check_result *r);
