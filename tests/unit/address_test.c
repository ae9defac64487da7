/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses are this host's own. */
#include "storage/address.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static bool own(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_is_own((const struct sockaddr *)&in, sizeof(in));
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1)
		abort();
	return address_is_own((const struct sockaddr *)&in6, sizeof(in6));
}

int main(void)
{
	static const char *const yes[] = {
	    "127.0.0.1", "127.255.0.1",	     "0.0.0.0",	    "169.254.169.254",	 "::1", "::",
	    "fe80::1",	 "::ffff:127.0.0.1", "::127.0.0.1", "::ffff:169.254.1.1"};
	static const char *const no[] = {"192.0.2.1",	"10.0.0.1",	    "128.0.0.1",
					 "2001:db8::1", "::ffff:192.0.2.1", "fd00::1"};
	struct sockaddr unix_address = {.sa_family = AF_UNIX};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ok(own(yes[i]), "%s is", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ok(!own(no[i]), "%s is not", no[i]);
	ok(address_is_own(&unix_address, sizeof(unix_address)), "what is no address is");
	return tap_end();
}
