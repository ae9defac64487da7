/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the container that a frame of its was not sent on, so that no program waits (pure). */
#pragma once
#include "net/config.h"
#include "net/frame.h"

/* What of the refused packet is quoted, at most: its IP header and the head of TCP. */
enum {
	REFUSAL_QUOTED = FRAME_IPV6 + FRAME_TCP,
	REFUSAL_MAX = FRAME_ETHERNET + FRAME_IPV6 + 8 + REFUSAL_QUOTED
};

/*
 * Makes the answer to a UDP or TCP frame (filter_is_told()): "administratively prohibited", from
 * the gateway (RFC 1812, 5.2.7.1; RFC 4443, 3.1). Returns its size.
 */
size_t refusal_make(const struct net_config *c, const struct frame *f, uint8_t out[REFUSAL_MAX]);
