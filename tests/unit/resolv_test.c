/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of /etc/hosts and /etc/resolv.conf inside. */
#include "lib/base/auto.h"
#include "lib/base/strv.h"
#include "net/resolv.h"
#include "tests/unit/tap.h"

#define LOOPBACK                                                                                   \
	"127.0.0.1\tlocalhost localhost.localdomain\n"                                             \
	"::1\tlocalhost localhost.localdomain ip6-localhost ip6-loopback\n"
#define OUTER "192.0.2.1\thost.containers.internal host.docker.internal\n"

static const struct {
	const char *host_text, *address, *hostname, *name, *host_address, *extra, *wanted;
} hosts[] = {
    {NULL, "127.0.0.1", "box", "web", NULL, "", LOOPBACK "127.0.0.1\tbox web\n"},
    {NULL, "127.0.0.1", "box", "box", NULL, "", LOOPBACK "127.0.0.1\tbox\n"},
    {NULL, "127.0.0.1", "box", NULL, NULL, "", LOOPBACK "127.0.0.1\tbox\n"},
    {"10.0.0.1 lan\n", "127.0.0.1", "box", "web", NULL, "", "10.0.0.1 lan\n127.0.0.1\tbox web\n"},
    {"10.0.0.1 lan", "127.0.0.1", "box", NULL, NULL, "", "10.0.0.1 lan\n127.0.0.1\tbox\n"},
    {"", "127.0.0.1", "box", NULL, NULL, "", "127.0.0.1\tbox\n"},
    {NULL, "10.0.2.100", "box", "web", "192.0.2.1", "", LOOPBACK OUTER "10.0.2.100\tbox web\n"},
    {NULL, "10.0.2.100", "box", NULL, NULL, "192.0.2.7\tdb|2001:db8::7\ta b",
     "192.0.2.7\tdb\n2001:db8::7\ta b\n" LOOPBACK "10.0.2.100\tbox\n"},
};

static const struct {
	const char *host_text, *server, *servers, *search, *options, *wanted;
} confs[] = {
    {"# mine\nnameserver 10.0.0.1\n", NULL, "", "", "", "# mine\nnameserver 10.0.0.1\n"},
    {"nameserver 127.0.0.53\nsearch lan home\noptions edns0 trust-ad\n", "10.0.2.3", "", "", "",
     "search lan home\nnameserver 10.0.2.3\noptions edns0 trust-ad\n"},
    {"nameserver 127.0.0.53\nsearch lan\n", "10.0.2.3", "1.1.1.1|2001:db8::1", "a|b", "ndots:2",
     "search a b\nnameserver 1.1.1.1\nnameserver 2001:db8::1\noptions ndots:2\n"},
    /* the last of search and domain counts */
    {"search one\ndomain two\n", "10.0.2.3", "", "", "", "search two\nnameserver 10.0.2.3\n"},
    {"search lan\n", "10.0.2.3", "", ".", "", "nameserver 10.0.2.3\n"},
    /* the host's servers with something of one's own */
    {"nameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch lan\n", NULL, "", "x", "",
     "search x\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n"},
    {"", "10.0.2.3", "", "", "", "nameserver 10.0.2.3\n"},
    {"nameserver\nsearch\noptions", "10.0.2.3", "", "", "", "nameserver 10.0.2.3\n"},
};

int main(void)
{
	for (size_t i = 0; i < array_len(hosts); i++) {
		auto_strv struct strv extra = {0};
		const struct resolv_names n = {.host_text = hosts[i].host_text,
					       .address = hosts[i].address,
					       .hostname = hosts[i].hostname,
					       .name = hosts[i].name,
					       .host_address = hosts[i].host_address,
					       .extra = &extra};
		auto_free char *got = NULL;

		strv_split(&extra, hosts[i].extra, "|");
		got = resolv_hosts(&n);
		ok(strcmp(got, hosts[i].wanted) == 0, "hosts %zu: %s", i, got);
	}
	for (size_t i = 0; i < array_len(confs); i++) {
		auto_strv struct strv servers = {0}, search = {0}, options = {0};
		const struct resolv_servers s = {confs[i].host_text, confs[i].server, &servers,
						 &search, &options};
		auto_free char *got = NULL;

		strv_split(&servers, confs[i].servers, "|");
		strv_split(&search, confs[i].search, "|");
		strv_split(&options, confs[i].options, "|");
		got = resolv_conf(&s);
		ok(strcmp(got, confs[i].wanted) == 0, "resolv.conf %zu: %s", i, got);
	}
	return tap_end();
}
