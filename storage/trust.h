/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificates count for a registry, read while files can still be read. The folders are
 * those of containers-certs.d(5). In rlc-fetch, before its cage.
 */
#pragma once
#include "lib/base/str.h"

struct err;

struct trust {
	bool verify;
	struct str authorities; /* PEM: this host's, and those of the folders */
	struct str certificate; /* PEM of a client certificate, or empty */
	struct str key;		/* its key */
};

/*
 * host: "registry.example:5000", as the reference has it. cert_dir: *.crt, *.cert and *.key are
 * taken from there and from nowhere else; NULL: from the certs.d folders that there are.
 */
int trust_load(bool verify, const char *host, const char *cert_dir, struct trust *ret,
	       struct err *e);
void trust_free(struct trust *t);
