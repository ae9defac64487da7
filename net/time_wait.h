/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libslirp keeps a connection that its side closed first for twice the segment's lifetime: ten
 * seconds in which it holds the buffers, a descriptor, and a place in lists that are walked for
 * every frame. That is for the duplicates of a network; a tap delivers none, and the container's
 * kernel has forgotten the connection already. A reset as from the container makes libslirp forget
 * it as well (RFC 9293, 3.10.7.4). This table follows the ends of connections, in the frames as
 * libslirp sees them, to know when (pure).
 */
#pragma once
#include "net/frame.h"

/*
 * TIME_WAIT_RESET: bytes of the largest frame that time_wait_reset() makes. TIME_WAIT_FLOWS: where
 * they are all taken the one longest there is given up, and libslirp waits for it as ever.
 */
enum { TIME_WAIT_RESET = FRAME_ETHERNET + FRAME_IPV6 + FRAME_TCP, TIME_WAIT_FLOWS = 1024 };

struct time_wait {
	struct time_wait_flow {
		uint8_t inside[16], outside[16]; /* addresses; 4 bytes, or 16 with is_ipv6 */
		uint16_t inside_port, outside_port;
		bool is_ipv6;
		uint8_t reached; /* flags of time_wait.c; 0: the place is free */
		/* What follows libslirp's FIN, what the container's (sequence numbers). */
		uint32_t after_ours, after_theirs;
		uint32_t born;
	} flows[TIME_WAIT_FLOWS];
	uint32_t births;
	size_t n_over; /* how many are in TIME_WAIT */
};

/* A frame of libslirp, before anything in it is changed. */
void time_wait_inward(struct time_wait *t, const struct frame *f);
/* A frame that is about to be given to libslirp. */
void time_wait_outward(struct time_wait *t, const struct frame *f);
/*
 * Forgets one connection that is in TIME_WAIT and makes the frame that ends it in libslirp. Returns
 * its size, 0 when there is none. Not to be asked while libslirp holds bytes of such a connection
 * for a socket of the host's: they would be lost.
 */
size_t time_wait_reset(struct time_wait *t, uint8_t ret[TIME_WAIT_RESET]);
