/* SPDX-License-Identifier: Apache-2.0 */
/* What the host and set-up processes of a launch hold while they work through their stages. */
#pragma once
#include "cmd/launch/plan.h"
#include "cmd/launch/user.h"
#include "lib/launch/stage.h"
#include "lib/state/dirs.h"
#include "lib/state/record.h"
#include "net/portmap.h"
#include "seccomp/filter.h"
#include "storage/rootfs.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

/* The container's ends of its stdio; -1: inherited. */
struct stdio_ends {
	int in, out, err;
};

struct live {
	const struct plan *plan;
	const struct dirs *dirs;
	struct filter filter; /* n = 0: unconfined */

	/* host */
	int uplink;	 /* the launch's end of rlc-net's socket, or -1; set-up has a copy */
	pid_t gateway;	 /* rlc-net, or 0 */
	int layers_lock; /* of the store, until the layers are mounted; or -1 */
	int lock;	 /* flock of the record, held as long as the container is watched */
	struct record record;
	struct record_state state;
	bool state_written;	    /* "running" stands in the record */
	struct cgroup_place *scope; /* that systemd made for it, or NULL */
	int cgroup;		    /* descriptor for CLONE_INTO_CGROUP, or -1 */
	int program;		    /* that serves the root, or -1 */
	int log;
	struct stdio_ends inner; /* what the container gets */
	struct stdio_ends outer; /* what the monitor holds */
	sigset_t mask_before;	 /* signals wait for the monitor from the first stage on */
	sighandler_t pipe_before;
	pid_t setup, init;
	int setup_pidfd, init_pidfd;
	struct idmap_job mapping;
	struct portmaps ports; /* published, with the numbers they got */
	int *listeners;	       /* one for each, until the forwarder has them */
	pid_t forwarder;       /* rlc-ports, or 0 */
	int forwarder_control; /* its end is the container's; it says here why it failed */
	int pty;	       /* master */

	/* between the processes */
	int link[2];   /* host [0] ↔ set-up [1] */
	int report[2]; /* errors: read end [0] in the host; end of file means exec happened */

	/* both: the host its process, set-up its tree as well */
	struct rootfs_server server;

	/* set-up */
	int files[PLAN_FILES_MAX]; /* detached mounts of the generated files */
	int run, data;		   /* its folders, in this mount namespace */
	int proc;		   /* O_PATH of the container's /proc */
	int rootfs;		   /* the folder of --rootfs, detached */
	int *sources;		   /* of each planned mount, or -1 */
	int root;		   /* O_PATH of the container's root */
	int control[2];		   /* set-up [0] ↔ init [1] */
	int self;		   /* rlc-init on its read-only mount */
	int pty_peer;		   /* slave */
	struct user user;
	bool by_move; /* the host's root is an initramfs */
};

extern const struct stage host_stages[], setup_stages[];

/* set-up's main: works through setup_stages and ends the process. */
void setup_main(struct live *l) __attribute__((noreturn));
