/* SPDX-License-Identifier: Apache-2.0 */
/* What a frame of Ethernet says of itself, read once and checked (pure). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_ETHERNET = 14,
	FRAME_IPV4 = 20,
	FRAME_IPV6 = 40,
	FRAME_UDP = 8,
	FRAME_TCP = 20,
	FRAME_ARP = 28,
	FRAME_MAX = FRAME_ETHERNET + 65535 + FRAME_IPV6
};

/* Offsets and pointers reach into bytes. */
struct frame {
	uint8_t *bytes;
	size_t size;	  /* without what lies behind the packet */
	uint16_t type;	  /* ETH_P_ARP, ETH_P_IP or ETH_P_IPV6 */
	uint8_t protocol; /* IPPROTO_TCP, _UDP, _ICMP, _ICMPV6; 0 for ARP */
	bool fragment;	  /* IPv4 UDP or ICMP: more of it comes or came; ports are 0 */
	size_t transport; /* where TCP, UDP or ICMP begins; for ARP its own header */
	size_t payload;	  /* where the data begins; = transport with a fragment and for ICMP */
	const uint8_t *source, *target;	   /* 4 bytes, or 16 with ETH_P_IPV6 */
	uint16_t source_port, target_port; /* host order */
};

/*
 * Reads a frame. False: it cannot be judged, since it is malformed or of a kind that could hide
 * where it goes: a VLAN tag, IPv4 options (RFC 791 source routes), IPv6 extension headers, a
 * fragment of TCP, lengths that disagree. Also what nobody behind a gateway answers.
 */
bool frame_parse(uint8_t *bytes, size_t size, struct frame *ret);
bool frame_is_ipv6(const struct frame *f);
/* TCP alone: a connection's first segment. */
bool frame_is_syn(const struct frame *f);
