/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a container's frames may go (pure). It is asked before libslirp sees a byte: libslirp opens
 * host sockets to whatever a frame names, so a frame to 127.0.0.1 would reach the host's own
 * services, whoever made it: an ordinary program with SO_BINDTODEVICE, or one with NET_ADMIN and
 * routes of its own.
 */
#pragma once
#include "net/config.h"
#include "net/frame.h"

enum filter_verdict {
	FILTER_DROP,
	FILTER_PASS,
	FILTER_DNS,	/* UDP to the name server: for rlc-net's own forwarder */
	FILTER_DNS_TCP, /* TCP to the name server */
};

struct filter_rules {
	struct net_config net;
	bool ping; /* this host lets us send ICMP echo requests */
};

/*
 * Judges a parsed frame of the container. Passed on are: TCP, UDP and ICMP echo to addresses that a
 * router may forward to; the gateway itself as far as the configuration says; ARP and neighbour
 * discovery as far as this link needs them. The source must be an address of this link. Fragments
 * are to be put together before (net/fragments.h).
 */
enum filter_verdict filter_judge(const struct filter_rules *r, const struct frame *f);
/*
 * Whether the container is to learn that a frame went nowhere: a datagram or a first segment of one
 * of its own addresses to one address. Groups and broadcasts get no answer (RFC 1122, 3.2.2).
 */
bool filter_is_told(const struct filter_rules *r, const struct frame *f);
/*
 * Whether an address (of 4 or 16 bytes) is one that no frame may be sent on to: this host, no host
 * (0/8, ::), loopback, link-local, multicast, reserved, and every IPv6 spelling of such an IPv4
 * address (mapped, compatible, translated, 6to4, NAT64, Teredo).
 */
bool filter_is_refused(const uint8_t *address, bool is_ipv6);
