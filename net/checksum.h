/* SPDX-License-Identifier: Apache-2.0 */
/* The Internet checksum (RFC 1071) of what rlc-net changes or makes itself (pure). */
#pragma once
#include "net/frame.h"

/* Adds n bytes to a running sum; only the last part of a packet may be of odd length. */
uint64_t checksum_add(uint64_t sum, const void *bytes, size_t n);
/* The sum of 16-bit words as it is written into a packet, in network order. */
uint16_t checksum_end(uint64_t sum);
/* The sum of the pseudo header that TCP, UDP and ICMPv6 of this frame are checked with. */
uint64_t checksum_pseudo(const struct frame *f);
/* Where the frame's transport checksum stands, or NULL when it has none that is known here. */
uint8_t *checksum_field(const struct frame *f);
/* Computes the transport checksum of a frame anew; the frame is not a fragment. */
void checksum_write(const struct frame *f);
/*
 * n bytes of the frame (even n, at an even distance from the transport header, or of its
 * addresses) become others: writes them and corrects the transport checksum (RFC 1624).
 */
void checksum_replace(const struct frame *f, uint8_t *at, const void *bytes, size_t n);
