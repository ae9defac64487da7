/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forwarder of published ports: accepts on sockets of the host's network namespace, connects
 * in the container's, and moves what comes. One thread, one epoll(7) set; libc only. The parts
 * that follow one protocol are forward_tcp.h and forward_udp.h.
 */
#pragma once
#include "net/forward_order.h"
#include "net/forward_room.h"
#include "net/pipes.h"

#include <stdint.h>
#include <sys/socket.h>

struct err;
struct forward;

/* What epoll's data points to: who wants to know of it. */
struct forward_watch {
	void (*ready)(struct forward *f, struct forward_watch *w, uint32_t events);
	int fd;
};

struct forward_port {
	struct forward_watch watch;
	uint16_t port; /* of the container */
	uint8_t protocol;
};

struct forward {
	int epoll;
	struct forward_watch control;
	struct forward_target target;
	bool keep_source;
	bool ending;	   /* the container ended: what is on its way may still go out */
	bool accept_stops; /* no descriptor or memory was left: a moment's pause */
	int64_t now_ms, ending_since_ms;
	struct forward_port *ports;
	size_t n_ports;
	struct pipes pipes;
	struct connection *connections; /* all of them */
	struct connection *ready;	/* not finished in fairness to others */
	struct connection *closed;	/* freed once no event can name them */
	size_t n_connections;
	struct forward_room room;
	struct flows *flows;
};

/* Puts fd into the set; -1 with errno. */
int forward_watch(struct forward *f, struct forward_watch *w, uint32_t events);
/*
 * The container's address and `port`, v6 or v4; false when it has none of that family.
 * *ret_len is that of *ret.
 */
bool forward_address(const struct forward_target *t, bool v6, uint16_t port,
		     struct sockaddr_storage *ret, socklen_t *ret_len);
/*
 * Works until the other end of `control` is closed, and then as long as there are bytes of the
 * container's on their way, at most a second. Listeners are closed at once. Returns -1 when it
 * could not begin. room: as the limit of descriptors has it.
 */
int forward_run(const struct forward_order *o, const struct forward_listener *listeners,
		int control, const struct forward_room *room, struct err *e);
