/* SPDX-License-Identifier: Apache-2.0 */
/* A launch as a whole: host stages, monitor, end. */
#pragma once

struct dirs;
struct err;
struct filter;
struct id_map;
struct plan;
struct record;
struct record_state;

/*
 * Runs the planned container and waits for its end; *ret_status is its exit status. With
 * p->detach: returns once the command runs, and a process of its own watches on; *ret_status is 0.
 * f is taken over, and so is layers_lock (or -1): it keeps `rlc rmi` from removing the image's
 * layers until they are mounted. -1 with nothing left behind when it could not be started.
 */
int launch(const struct dirs *d, const struct plan *p, struct filter *f, int layers_lock,
	   int *ret_status, struct err *e);
/*
 * What is to be done by who holds the container's lock once init is gone: its cgroup, and its
 * record; with --rm all of it goes. Writes *s.
 */
int launch_finish(const struct dirs *d, const struct id_map *map, const struct record *r,
		  struct record_state *s, int status, struct err *e);
