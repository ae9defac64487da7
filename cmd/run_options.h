/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of `rlc run`: argv and configuration become a struct spec. */
#pragma once
#include "lib/base/option.h"
#include "lib/base/strv.h"
#include "lib/spec/spec.h"

#include <stdbool.h>
#include <stddef.h>

struct context;
struct settings;
struct err;

/* What the setters of the table write to. */
struct run_request {
	struct spec spec;	  /* must stay first: rows name its members by offset */
	const char *cwd;	  /* for relative paths; NULL: it is gone */
	char *const *environment; /* for -e K; NULL: empty */
	bool selinux;		  /* this host relabels files */
	struct strv env;	  /* -e as typed, not yet resolved */
	struct strv env_files;
	bool is_rootfs; /* --rootfs: the first operand is a folder */
};

extern const struct option_set run_options;
extern const struct option_refused run_refused[]; /* Podman's options that rlc lacks */

/*
 * argv[0] is "run". The configuration of c is applied first. Reads nothing of the host but cwd,
 * environment and each --env-file. On failure *spec is untouched.
 */
int run_options_parse(int argc, char **argv, const struct context *c, struct spec *spec,
		      struct err *e);
/* The same on a request whose cwd and environment are set; settings may be NULL. */
int run_request_parse(struct run_request *r, const struct settings *settings, int argc, char **argv,
		      struct err *e);
void run_request_free(struct run_request *r);

/*
 * The setters below have the signature of option_row.set; `to` is a struct run_request. One file
 * for each noun.
 */
#define RUN_SETTER(name)                                                                           \
	int name(const struct option_row *row, void *to, const char *value, struct err *e)

/* run_mounts.c */
RUN_SETTER(run_set_volume);
RUN_SETTER(run_set_mount);
RUN_SETTER(run_set_tmpfs);
RUN_SETTER(run_set_device);
RUN_SETTER(run_set_host_path); /* char * at row->at: made absolute */
char *run_host_path(const struct run_request *r, const char *path, struct err *e);

/* run_env.c */
RUN_SETTER(run_set_label);
RUN_SETTER(run_set_env);
/* Puts the env files, then -e, into r->spec.env and forgets them. */
int run_env_resolve(struct run_request *r, struct err *e);
/*
 * One line of -e or --env-file: "K=V", "K" (taken from environment when set there), "PFX*" (all
 * that begin so). what: how it is called in errors.
 */
int run_env_add(struct strv *env, const char *text, char *const *environment, struct err *e);
/* The text of an --env-file (pure; fuzzed): blanks before a line, blank lines and # are skipped. */
int run_env_file_parse(struct strv *env, const char *text, size_t n, const char *name,
		       char *const *environment, struct err *e);

/* run_security.c */
RUN_SETTER(run_set_security_opt);
RUN_SETTER(run_set_cap_add);
RUN_SETTER(run_set_cap_drop);
/* Puts configured capabilities beside the typed ones; what was typed wins over its contrary. */
void run_caps_join(struct spec *s, const struct strv *add, const struct strv *drop);

/* run_process.c */
RUN_SETTER(run_set_entrypoint);
RUN_SETTER(run_set_workdir);
RUN_SETTER(run_set_user);
RUN_SETTER(run_set_group_add);
RUN_SETTER(run_set_umask);
RUN_SETTER(run_set_stop_signal);

/* run_network.c */
RUN_SETTER(run_set_network);
RUN_SETTER(run_set_publish);
RUN_SETTER(run_set_expose);
RUN_SETTER(run_set_hostname);
RUN_SETTER(run_set_dns);
RUN_SETTER(run_set_dns_word); /* struct strv at row->at */
RUN_SETTER(run_set_add_host);
/* After all options: combinations that cannot be meant. */
int run_check_network(const struct spec *s, struct err *e);

/* run_limits.c */
RUN_SETTER(run_set_shm_size);
RUN_SETTER(run_set_ulimit);
RUN_SETTER(run_set_oom_score);
RUN_SETTER(run_set_stop_timeout);
RUN_SETTER(run_set_limits);
RUN_SETTER(run_set_cgroup_parent);
