/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the host's own addresses from those of the world; in rlc-fetch. */
#include "storage/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static bool is_own4(const unsigned char *b)
{
	return b[0] == 127 || b[0] == 0 || (b[0] == 169 && b[1] == 254);
}

static bool is_own6(const struct in6_addr *a)
{
	if (IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_LINKLOCAL(a))
		return true;
	return (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_V4COMPAT(a)) && is_own4(a->s6_addr + 12);
}

bool address_is_own(const struct sockaddr *a, socklen_t n)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (a->sa_family == AF_INET && n >= sizeof(in)) {
		memcpy(&in, a, sizeof(in));
		return is_own4((const unsigned char *)&in.sin_addr);
	}
	if (a->sa_family == AF_INET6 && n >= sizeof(in6)) {
		memcpy(&in6, a, sizeof(in6));
		return is_own6(&in6.sin6_addr);
	}
	return true; /* nothing else leads to a registry */
}
