/* SPDX-License-Identifier: Apache-2.0 */
/* The one process that watches a container: terminal or pipes, log, signals, exit status. */
#pragma once
#include "cmd/launch/monitor_helper.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

enum { MONITOR_HELPERS_MAX = 4 };

struct monitor {
	pid_t pid;	  /* init: a child of this process */
	int pty;	  /* master side, or -1 */
	int in;		  /* write end of the container's stdin pipe, or -1 */
	int out, err;	  /* read ends of its stdout and stderr, or -1 */
	int log_fd;	  /* k8s-file log, O_APPEND, or -1 */
	bool attached;	  /* relay to and from this process' own stdio; false: only the log */
	bool interactive; /* -i: stdin too; without it a pty gets no input */
	bool sig_proxy;	  /* forward signals this process receives to the container */
	struct monitor_helper *helpers; /* at most MONITOR_HELPERS_MAX */
	size_t n_helpers;
	/* Called once for each helper that ended before the container; e says what is lost. */
	void (*helper_lost)(void *arg, const struct err *e);
	void *arg;
	int stop_signal; /* what a detached container gets when its monitor is told to end */
	int server;	 /* pidfd of what serves the root, or -1; without it the container ends */
};

/*
 * Runs until init is gone and its output is drained. With a pty and a terminal on stdin: raw mode
 * (restored on every way out), window size followed. Signals (all but CHLD URG STOP KILL and those
 * of the terminal) go to the container. Children other than init are reaped too. Helpers end with
 * the container: their control closes. *ret_status: exit code as the shell sees it. All descriptors
 * are closed on return.
 */
int monitor_run(struct monitor *m, int *ret_status, struct err *e);
