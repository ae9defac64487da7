/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a container, on disk: DATA/containers/ID/record.json (written once, at birth)
 * and state.json (rewritten as it lives). Whoever runs a container (its monitor) holds flock(2) on
 * DATA/containers/ID/lock as long as it lives: a record that says "running" whose lock is free
 * belongs to a monitor that was killed, and the next command says so and cleans up.
 */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct dirs;

enum { RECORD_FORMAT = 1 }; /* a newer one is refused, never rewritten */

enum record_status {
	STATUS_CREATED, /* or being set up, while its lock is held */
	STATUS_RUNNING,
	STATUS_EXITED,
};

/* Born with the container, never changed. */
struct record {
	char *id;   /* 64 hex digits */
	char *name; /* claimed in DATA/names */
	char *image_id, *image_name; /* NULL with --rootfs */
	char *rootfs;		     /* NULL with an image */
	struct strv args;	     /* what PID 1 was started with */
	struct strv labels;
	char *log_path;	  /* NULL: no log (the caller's own stdio) */
	char *cidfile;
	int stop_signal;  /* number */
	int stop_timeout; /* seconds */
	bool remove;	  /* --rm */
	bool terminal;
	int64_t created_ns; /* CLOCK_REALTIME */
	char *config_json;  /* the OCI config.json of the run as text, for inspect and dry-run */
};

/* Changes with its life. */
struct record_state {
	enum record_status status;
	pid_t pid;	     /* of init on the host, 0 when none */
	pid_t monitor_pid;
	int exit_code;	     /* as the shell sees it: 128+N after signal N */
	bool monitor_lost;   /* found dead by another command: exit_code is not known */
	int64_t started_ns, finished_ns;
	char cgroup[256];    /* absolute folder, or "" */
	char error[512];     /* why it did not start, or "" */
};

/* 64 hex digits from getrandom(2); buf of 65 bytes. */
void record_new_id(char *buf);
/* A name like podman's "brave_curie"; not yet claimed. Owned by the caller. */
char *record_new_name(void);
/* [a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}, as podman; else an error that shows the text made visible. */
int record_check_name(const char *name, struct err *e);

/*
 * Makes DATA/containers/ID with its record and a "created" state, locked, and claims the name
 * (taken: exit 125, names the holder and the way out). Everything appears by one rename. durable:
 * fsync (not for --rm). Returns the lock's descriptor (close-on-exec), or -1 with nothing left
 * behind.
 */
int record_create(const struct dirs *d, const struct record *r, bool durable, struct err *e);
int record_set_state(const struct dirs *d, const char *id, const struct record_state *s,
		     struct err *e);
/* Reads both; a dead monitor is noticed (see above) and set down as exited with monitor_lost. */
int record_load(const struct dirs *d, const char *id, struct record *r, struct record_state *s,
		struct err *e);
void record_free(struct record *r);
/* Name, full id or unambiguous prefix → full id (owned by the caller). Not there: exit 1. */
int record_find(const struct dirs *d, const char *name_or_id, char **ret_id, struct err *e);
/* Every id, oldest first. Garbage in the folder is skipped with a notice. */
int record_list(const struct dirs *d, struct strv *ret_ids, struct err *e);
/*
 * Forgets a container that does not run: gives its name back and removes its folder and run folder.
 * The folder's content belongs to subordinate ids: what the caller may not delete is left in
 * DATA/tmp for storage's sweeper and -1 is not returned for it. A running one: exit 2.
 */
int record_remove(const struct dirs *d, const char *id, struct err *e);
