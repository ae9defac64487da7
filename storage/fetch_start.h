/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and ending rlc-fetch; in rlc. */
#pragma once
#include "storage/notices.h"

#include <stdbool.h>
#include <sys/types.h>

struct err;

/* How a registry is spoken to: what the user and the settings wish. */
struct fetch_options {
	bool tls_verify;
	const char *cert_dir;	  /* or NULL: the certs.d folders */
	unsigned int timeout;	  /* seconds without a connection or a byte */
	unsigned int retries;	  /* after a failure that may pass */
	unsigned int retry_delay; /* seconds, doubling */
};

struct fetch_process {
	pid_t pid;
	int answer; /* where it says why it could not start */
	struct notices notices;
};

/*
 * Starts it for one repository ("library/alpine") of one registry ("docker.io"). sock: its end of
 * the SOCK_SEQPACKET pair with rlc-image; the caller closes it afterwards.
 */
int fetch_start(const char *registry, const char *repository, const struct fetch_options *o,
		int sock, struct fetch_process *ret, struct err *e);
/* Ends it, whatever it does. -1: it had failed by itself, and *e says why. */
int fetch_end(struct fetch_process *p, struct err *e);
