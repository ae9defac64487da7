/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of /etc/hosts and /etc/resolv.conf inside a container (pure). */
#pragma once
#include <stdbool.h>

struct strv;

struct resolv_names {
	const char *host_text;	     /* the host's own file, kept in front; NULL: loopback names */
	const char *address;	     /* of the container */
	const char *hostname, *name; /* name: of the container, or NULL */
	const char *host_address;    /* what host.containers.internal is; NULL: not in it */
	const struct strv *extra;    /* lines "ADDRESS NAME..." */
};

struct resolv_servers {
	const char *host_text;		     /* the host's own resolv.conf */
	const char *server;		     /* of the container's link; NULL: the host's servers */
	const struct strv *servers;	     /* asked for: in their place */
	const struct strv *search, *options; /* asked for; empty: the host's */
};

/* The container's /etc/hosts, owned by the caller. What was asked for comes first and wins. */
char *resolv_hosts(const struct resolv_names *n);
/*
 * The container's /etc/resolv.conf, owned by the caller. A search list of "." alone is none. With
 * the host's servers and nothing asked for it is the host's text as it stands.
 */
char *resolv_conf(const struct resolv_servers *s);
