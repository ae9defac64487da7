/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a container, on disk: DATA/containers/ID/record.json (written once, at birth),
 * config.json (likewise, but for limits that change) and state.json (rewritten as it lives; none
 * yet: "created"). Whoever runs a container (its monitor) holds flock(2) on DATA/containers/ID/lock
 * as long as it lives: a record that says "running" whose lock is free belongs to a monitor that
 * was killed, and the next command says so and cleans up.
 */
#pragma once
#include "lib/base/strv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup_events;
struct err;
struct dirs;

enum { RECORD_FORMAT = 1 }; /* a newer one is refused, never rewritten */

enum record_status {
	STATUS_CREATED, /* or being set up, while its lock is held */
	STATUS_RUNNING,
	STATUS_EXITED,
	STATUS_PAUSED, /* in no file: runs, and its control group is frozen; record_status_now() */
};

/* Born with the container, never changed. */
struct record {
	char *id;		     /* 64 hex digits */
	char *name;		     /* claimed in DATA/names */
	char *image_id, *image_name; /* NULL with --rootfs */
	char *rootfs;		     /* NULL with an image */
	struct strv layers;	     /* of the store, that its root lies on: they stay as long */
	struct strv args;	     /* what PID 1 was started with */
	struct strv labels;
	struct strv ports; /* published, with their numbers: "127.0.0.1:8080:80/tcp" */
	char *log_path;	   /* absolute, a file of its folder; NULL: none (the caller's own stdio) */
	char *cidfile;
	int stop_signal;  /* number */
	int stop_timeout; /* seconds */
	bool remove;	  /* --rm */
	bool terminal;
	int64_t created_ns; /* CLOCK_REALTIME */
	char *config_json;  /* the OCI config.json of the run as text, for inspect: a file of its
			       own,  see record_load_config() */
};

/* Changes with its life. */
struct record_state {
	enum record_status status;
	pid_t pid; /* of init on the host, 0 when none */
	pid_t monitor_pid;
	int64_t pid_start; /* of pid, in clock ticks since boot: a later one is another process; 0:
			      not known */
	char boot[40];	   /* which boot that is: the kernel's random id of it; "": not known */
	int exit_code;	   /* as the shell sees it: 128+N after signal N; -1: not known */
	bool monitor_lost; /* found dead by another command: exit_code is not known */
	int64_t started_ns, finished_ns;
	char cgroup[256];  /* absolute folder, or "" */
	char error[512];   /* why it did not start, what it lost, or "" */
	int64_t oom_kills; /* of its processes, killed for want of memory */
	int64_t refused;   /* processes and threads that its pids.max did not let it have */
};

/* 64 hex digits from getrandom(2); buf of 65 bytes. */
void record_new_id(char *buf);
/* A name like podman's "brave_curie"; not yet claimed. Owned by the caller. */
char *record_new_name(void);
/* [a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}, as podman; else an error that shows the text made visible. */
int record_check_name(const char *name, struct err *e);

/*
 * Makes DATA/containers/ID with its record in the state "created", locked, and claims the name
 * (taken: exit 125, names the holder and the way out). r->name NULL: one is made up that is free.
 * Everything appears by one rename. durable: fsync (not for --rm). Returns the lock's descriptor
 * (close-on-exec; a child that inherits it holds the lock as well), or -1 with nothing left behind.
 */
int record_create(const struct dirs *d, struct record *r, bool durable, struct err *e);
/*
 * Reads from its control group how often its limits were reached, before that goes; counts only
 * rise. ev may be NULL.
 */
void record_count_limits(struct record_state *s, struct cgroup_events *ev);
/* s->status, or STATUS_PAUSED of what runs: asked of the kernel, so it cannot be out of date. */
enum record_status record_status_now(const struct record_state *s);
/* Only by who holds the lock. */
int record_set_state(const struct dirs *d, const char *id, const struct record_state *s,
		     struct err *e);
/*
 * Reads both (all but config_json); a dead monitor is noticed (see above) and set down as exited
 * with monitor_lost. Not there (any more): exit 1.
 */
int record_load(const struct dirs *d, const char *id, struct record *r, struct record_state *s,
		struct err *e);
/* The text of config.json, owned by the caller; NULL when the container has none. */
int record_load_config(const struct dirs *d, const char *id, char **ret, struct err *e);
/*
 * Whoever changes config.json of a container that runs (`rlc update`) holds this descriptor, one at
 * a time; on file systems without flock(2) for folders that is a wish.
 */
int record_lock_config(const struct dirs *d, const char *id, struct err *e);
/* Replaces config.json at once. */
int record_set_config(const struct dirs *d, const char *id, const char *text, struct err *e);
void record_free(struct record *r);
/* Name, full id or unambiguous prefix → full id (owned by the caller). Not there: exit 1. */
int record_find(const struct dirs *d, const char *name_or_id, char **ret_id, struct err *e);
/* Every id, oldest first. What is no id in the folder is skipped with a notice. */
int record_list(const struct dirs *d, struct strv *ret_ids, struct err *e);
/*
 * Forgets a container that does not run: gives its name back and removes its cidfile, its folder
 * and its run folder. The folder's content belongs to subordinate ids: what the caller may not
 * delete is left in DATA/tmp/rm-ID-* for storage's sweeper and -1 is not returned for it.
 * A running one: exit 2. Not there: exit 1. Works on a record that cannot be read, too.
 */
int record_remove(const struct dirs *d, const char *id, struct err *e);
/* The same by who holds the lock: the monitor of a --rm container, once init is gone. */
int record_remove_held(const struct dirs *d, const struct record *r, struct err *e);
/*
 * Does what the monitor would have done at its end, had it not been killed: ends and removes the
 * cgroup, and with --rm the container. Nothing to do for any other. True: the container is gone.
 */
bool record_clean_lost(const struct dirs *d, const struct record *r, const struct record_state *s);
