/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published ports as people write them, [[ip:][host]:]container[/tcp|udp], and as lists of single
 * ports. Pure: no socket, no file. The grammar is podman-run(1)'s --publish and --expose.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct err;
struct str;

enum portmap_protocol { PORTMAP_TCP, PORTMAP_UDP };
enum { PORTMAP_MAX = 500 }; /* of a container: each is a descriptor of the launcher's */

struct portmap {
	enum portmap_protocol protocol;
	int family;	     /* of address: AF_INET, AF_INET6; 0: every address of both */
	uint8_t address[16]; /* on the host, in network order; AF_INET: the first four */
	uint16_t host;	     /* 0: one that is free; in the host's byte order, as is */
	uint16_t container;  /* never 0 */
};

struct portmaps {
	struct portmap *v;
	size_t n;
};

#define auto_portmaps __attribute__((cleanup(portmaps_free)))

/*
 * Appends what a value of --publish says, each port of a range for itself; what is in the list
 * already is not added again. IPv6 addresses stand in brackets. -1 leaves the list as it was.
 */
int portmap_parse(const char *text, struct portmaps *to, struct err *e);
/* The same for a value of --expose or an image's ExposedPorts: container[-last][/tcp|udp]. */
int portmap_parse_exposed(const char *text, struct portmaps *to, struct err *e);
/* Refuses two that want the same port of the host. */
int portmap_check(const struct portmaps *list, struct err *e);
/* Appends each of `exposed` that `to` does not publish, at a free port of every address. */
void portmap_add_exposed(const struct portmaps *exposed, struct portmaps *to);

/* "tcp", "udp" */
const char *portmap_protocol_name(enum portmap_protocol p);
/* "0.0.0.0", "::1"; every address is "0.0.0.0", as podman prints it. buf of INET6_ADDRSTRLEN. */
const char *portmap_address(const struct portmap *m, char *buf);
/* "0.0.0.0:8080", "[::1]:8080"; owned by the caller. */
char *portmap_host(const struct portmap *m);
/* What portmap_parse() reads again: "8080:80/tcp", "[::1]:8080:80/udp"; owned by the caller. */
char *portmap_format(const struct portmap *m);
/*
 * As `podman ps` prints them: "0.0.0.0:8080->80/tcp, 0.0.0.0:9000-9002->90-92/udp"; owned by the
 * caller, "" for none.
 */
char *portmap_list(const struct portmaps *list);
void portmaps_free(struct portmaps *list);
