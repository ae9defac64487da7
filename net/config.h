/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private network of a container: a link between its tap0 and rlc-net, which is the gateway
 * (libslirp) and the name server. Plain bytes: rlc sends them to rlc-net as they are.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct err;
struct str;

/* Addresses in network order. The IPv6 side is always fd00::/64 with the same last parts. */
struct net_config {
	uint32_t magic;
	uint16_t mtu; /* of tap0 */
	uint8_t prefix, prefix6;
	uint8_t network[4], gateway[4], dns[4], guest[4];
	uint8_t network6[16], gateway6[16], dns6[16], guest6[16];
	bool ipv6;
	bool host_loopback; /* the gateway's address leads to the host's 127.0.0.1 and ::1 */
	bool has_outbound, has_outbound6;
	uint8_t outbound[4], outbound6[16]; /* the host's address that connections leave from */
};

enum { NET_CONFIG_MAGIC = 0x726c6e01, NET_MTU_MIN = 576, NET_MTU_MAX = 65520 };

/* What a container has unless asked otherwise: 10.0.2.0/24 and fd00::/64, MTU 1500. */
void net_config_init(struct net_config *c);
/*
 * "mtu=9000,cidr=10.1.0.0/24,…": what follows "slirp:" (and Podman's "slirp4netns:"). Options it
 * does not know are refused by name. On failure *c is untouched.
 */
int net_config_parse(struct net_config *c, const char *options, struct err *e);
/* Adds the contrary of net_config_parse: only what differs from net_config_init; "" when nothing.
 */
void net_config_to_text(const struct net_config *c, struct str *to);
/* An address of 4 or 16 bytes as text; room of INET6_ADDRSTRLEN. Returns to. */
const char *net_address(char *to, const uint8_t *address, bool is_ipv6);
