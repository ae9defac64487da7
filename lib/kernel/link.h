/* SPDX-License-Identifier: Apache-2.0 */
/* The one network card of a new namespace: up, with addresses and default routes (rtnetlink(7)). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct err;

/* One family's side; addresses of 4 or 16 bytes in network order. */
struct link_address {
	bool is_ipv6;
	uint8_t address[16], gateway[16];
	uint8_t prefix; /* bits */
};

struct link {
	const char *name;
	uint16_t mtu;
	const struct link_address *addresses;
	unsigned int n_addresses; /* at most LINK_ADDRESSES_MAX */
};

enum { LINK_ADDRESSES_MAX = 4 };

/*
 * Brings the device up with everything in one request. IPv6 addresses are used at once: nobody else
 * is on the link to be asked for duplicates. Needs CAP_NET_ADMIN over the namespace.
 */
int link_up(const struct link *l, struct err *e);
/* False where the kernel has no IPv6 at all (ipv6.disable=1): rtnetlink refuses its addresses then.
 */
bool link_has_ipv6(void);
/*
 * The IPv4 address of this namespace that the default route leaves from, as others know it;
 * 0.0.0.0 when there is no such route. Nothing is sent.
 */
void link_own_address(uint8_t ret[4]);
