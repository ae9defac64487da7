/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of /etc/hosts and /etc/resolv.conf inside. */
#include "lib/base/auto.h"
#include "net/resolv.h"
#include "tests/unit/tap.h"

#define LOOPBACK                                                                                   \
	"127.0.0.1\tlocalhost localhost.localdomain\n"                                             \
	"::1\tlocalhost localhost.localdomain ip6-localhost ip6-loopback\n"

static const struct {
	const char *host_text;
	bool host_network;
	const char *hostname, *name, *wanted;
} hosts[] = {
    {"10.0.0.1 lan\n", false, "box", "web", LOOPBACK "127.0.0.1\tbox web\n"},
    {"", false, "box", "box", LOOPBACK "127.0.0.1\tbox\n"},
    {"", false, "box", NULL, LOOPBACK "127.0.0.1\tbox\n"},
    {"10.0.0.1 lan\n", true, "box", "web", "10.0.0.1 lan\n127.0.0.1\tbox web\n"},
    {"10.0.0.1 lan", true, "box", NULL, "10.0.0.1 lan\n127.0.0.1\tbox\n"},
    {"", true, "box", NULL, "127.0.0.1\tbox\n"},
};

int main(void)
{
	for (size_t i = 0; i < array_len(hosts); i++) {
		auto_free char *got = resolv_hosts(hosts[i].host_text, hosts[i].host_network,
						   hosts[i].hostname, hosts[i].name);

		ok(strcmp(got, hosts[i].wanted) == 0, "hosts %zu", i);
	}
	auto_free char *own = resolv_conf("nameserver 10.0.0.1\n", false);
	auto_free char *shared = resolv_conf("nameserver 10.0.0.1\n", true);

	ok(!strstr(own, "nameserver") && own[0] == '#', "no network: no name server, but a remark");
	ok(strcmp(shared, "nameserver 10.0.0.1\n") == 0, "the host's network: the host's servers");
	return tap_end();
}
