/* SPDX-License-Identifier: Apache-2.0 */
/* The one registry, and in it the one repository, that an rlc-fetch was started for. In rlc-fetch.
 */
#pragma once
#include "storage/trust.h"

#include <curl/curl.h>
#include <stdbool.h>

struct registry {
	const char *name;	/* host[:port] as the reference has it: "docker.io" */
	const char *repository; /* "library/alpine" */
	struct trust trust;
	unsigned int timeout;	  /* seconds without a connection or a byte */
	unsigned int retries;	  /* after a failure that may pass */
	unsigned int retry_delay; /* seconds before the second of them; doubles */
	CURLM *multi;
	bool plain;	 /* http: only with --tls-verify=false */
	bool answered;	 /* it has answered something: it is there, and the scheme is right */
	bool is_proxied; /* the environment names a proxy: connections lead there */
	bool was_met;	 /* a connection to it was begun */
	bool is_own;	 /* every address of it lies on this host itself (address.h) */
};

/* Who is asked: docker.io has its registry elsewhere. */
const char *registry_host(const struct registry *r);
/* "https://HOST/v2/REPOSITORY/KIND/WHAT", owned by the caller; kind NULL: "https://HOST/v2/". */
char *registry_url(const struct registry *r, const char *kind, const char *what);
