/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of the host for published ports, and who has a port that was wanted. */
#pragma once
#include "net/portmap.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

/*
 * Binds m's port in this network namespace, for TCP listening already. Without an address it is a
 * socket for both families, where the host has IPv6. m->host 0 becomes the port that was given.
 * Returns a non-blocking close-on-exec descriptor that is none of the first few, or -1; the error
 * names the port, the cause and the next step, and e->sys is EADDRINUSE where another has it.
 */
int listen_open(struct portmap *m, struct err *e);

struct port_holder {
	uid_t uid;
	pid_t pid;     /* 0: not to be seen by this user */
	char name[32]; /* of the program, control bytes replaced */
};

/* Looks through /proc for the one that is in the way of m; false: not found. */
bool port_holder_find(const struct portmap *m, struct port_holder *ret);
struct port_line {
	int family;	     /* AF_INET, AF_INET6 */
	uint8_t address[16]; /* as that of struct portmap */
	uint16_t port;
	uid_t uid;
	unsigned long inode;
};

/*
 * A line of /proc/net/{tcp,udp}{,6} of a socket that is bound and, of TCP, listens (pure); false
 * for any other line.
 */
bool port_line_parse(const char *line, enum portmap_protocol p, struct port_line *ret);
