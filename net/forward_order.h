/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rlc tells rlc-ports at its start, in one message over their socket: the order, then its
 * listeners. Both ends are of one build. Afterwards that socket says nothing more: its end is the
 * end of the container.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { FORWARD_MAGIC = 0x524c5001, FORWARD_CONTROL = 3 /* the descriptor of that socket */ };

/* A socket of the host, bound (and listening, for TCP), and where what comes to it goes. */
struct forward_listener {
	int32_t fd;
	uint16_t port;	  /* of the container */
	uint8_t protocol; /* enum portmap_protocol */
	uint8_t pad;
};

/* Where the container is reached, in its own network namespace. */
struct forward_target {
	bool has4, has6;
	uint8_t address4[4], address6[16]; /* network order */
};

struct forward_order {
	uint32_t magic;
	uint32_t n_listeners;
	int32_t user_ns, net_ns; /* descriptors, to be joined */
	bool keep_source;	 /* clients' addresses are shown to the container */
	struct forward_target target;
};
