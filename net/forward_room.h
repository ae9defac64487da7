/* SPDX-License-Identifier: Apache-2.0 */
/* How many descriptors the forwarder of ports may spend on what (pure). */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct err;

/* Nobody's share can be used up by the others. */
struct forward_room {
	size_t connections; /* of TCP: two descriptors each */
	size_t flows;	    /* of UDP: one each */
	size_t pipes;	    /* two each; without one a connection is copied */
};

/*
 * Shares out a limit of descriptors (RLIMIT_NOFILE) between n_listeners, of which n_udp are of UDP,
 * and what comes to them. -1 where it is too small to serve anybody: the error names the number
 * that is enough.
 */
int forward_room(uint64_t limit, size_t n_listeners, size_t n_udp, struct forward_room *ret,
		 struct err *e);
