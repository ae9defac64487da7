/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a D-Bus message bus over a unix socket, for as long as a question takes. What the
 * other side says decides nothing: a bus that lies is found out by who looks at the result.
 */
#pragma once
#include "lib/base/str.h"
#include "lib/systemd/bus_message.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct err;

struct bus {
	int fd;
	uint32_t serial;  /* of the last call */
	int64_t until_ms; /* CLOCK_MONOTONIC: no answer is waited for any longer */
	struct str in;	  /* what was read and not yet consumed */
	size_t consumed;
};

/*
 * The first unix socket of a D-Bus server address ("unix:path=/run/user/1000/bus;…", D-Bus
 * Specification, "Server Addresses"; pure). false: there is none that can be connected to.
 */
bool bus_address_parse(const char *text, struct sockaddr_un *ret, socklen_t *ret_len);
/*
 * Where the user's bus is: $DBUS_SESSION_BUS_ADDRESS, $XDG_RUNTIME_DIR/bus or /run/user/UID/bus,
 * the first whose socket is there. false: none is.
 */
bool bus_find(struct sockaddr_un *ret, socklen_t *ret_len);
/* Connects, says who we are (EXTERNAL: the kernel's word for our uid) and Hello. */
int bus_open(struct bus *b, int patience_ms, struct err *e);
/* The same on a socket that is connected; owns fd from then on, also on failure. */
int bus_greet(struct bus *b, int fd, int patience_ms, struct err *e);
/* Sends a call; its serial, or 0 with the error. */
uint32_t bus_send(struct bus *b, const struct bus_call *call, const struct str *body,
		  struct err *e);
/* The next message, whatever it is; valid until the next call of this. */
int bus_receive(struct bus *b, struct bus_message *ret, struct err *e);
/* If m is the error that answers `serial`: says so in e and returns -1, else 0. */
int bus_check_answer(const struct bus_message *m, uint32_t serial, struct err *e);
void bus_close(struct bus *b);
