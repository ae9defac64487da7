/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a private network. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "net/config.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>

static const struct {
	const char *text, *again; /* again: NULL when it is the same */
	const char *gateway;
} good[] = {
    {"", NULL, "10.0.2.2"},
    {"mtu=1500", "", "10.0.2.2"},
    {"mtu=65520", NULL, "10.0.2.2"},
    {"cidr=192.168.7.9/24", "cidr=192.168.7.0/24", "192.168.7.2"},
    {"cidr=10.0.0.0/8", NULL, "10.0.0.2"},
    {"cidr=10.9.8.128/25", NULL, "10.9.8.130"},
    {"enable_ipv6=false,mtu=576", NULL, "10.0.2.2"},
    {"enable_ipv6=true", "", "10.0.2.2"},
    {"allow_host_loopback=true", NULL, "10.0.2.2"},
    {"allow_host_loopback=1,allow_host_loopback=0", "", "10.0.2.2"},
    {"outbound_addr=192.0.2.1,outbound_addr6=2001:db8::1", NULL, "10.0.2.2"},
    {"port_handler=rootlesskit", "", "10.0.2.2"},
};

static const struct {
	const char *text, *what;
} bad[] = {
    {"mtu=", "mtu: \"\" is no MTU"},
    {"mtu=575", "mtu: \"575\" is no MTU"},
    {"mtu=65521", "mtu: \"65521\" is no MTU"},
    {"mtu=1279", "too small for IPv6"},
    {"mtu", "mtu has no value"},
    {"mtux=1500", "no network option \"mtux=1500\""},
    {"mt=1500", "no network option \"mt=1500\""},
    {"ipv6=true", "no network option \"ipv6=true\""},
    {"cidr=10.0.2.0", "cidr: \"10.0.2.0\" is no network"},
    {"cidr=10.0.2.0/26", "is no network"},
    {"cidr=10.0.2.0/7", "is no network"},
    {"cidr=fd00::/64", "is no network"},
    {"cidr=127.0.0.0/8", "not for networks"},
    {"cidr=0.0.0.0/8", "not for networks"},
    {"cidr=224.0.0.0/24", "not for networks"},
    {"cidr=169.254.0.0/16", "not for networks"},
    {"enable_ipv6=perhaps", "enable_ipv6: \"perhaps\""},
    {"outbound_addr=eth0", "outbound_addr: \"eth0\" is no IPv4"},
    {"outbound_addr6=192.0.2.1", "is no IPv6"},
    {"port_handler=slirp4netns", "a forwarder of its own"},
};

int main(void)
{
	for (size_t i = 0; i < array_len(good); i++) {
		auto_str struct str again = {0};
		char gateway[INET6_ADDRSTRLEN];
		struct net_config c;
		struct err e;

		net_config_init(&c);
		ok(net_config_parse(&c, good[i].text, &e) == 0, "%s", good[i].text);
		net_config_to_text(&c, &again);
		ok(strcmp(str_get(&again), good[i].again ? good[i].again : good[i].text) == 0 &&
		       strcmp(net_address(gateway, c.gateway, false), good[i].gateway) == 0,
		   "is %s by %s", str_get(&again), gateway);
	}
	for (size_t i = 0; i < array_len(bad); i++) {
		struct net_config c, before;
		struct err e = {0};

		net_config_init(&c);
		before = c;
		ok(net_config_parse(&c, bad[i].text, &e) == -1 && strstr(e.what, bad[i].what) &&
		       e.hint[0] && memcmp(&c, &before, sizeof(c)) == 0,
		   "%s: %s", bad[i].text, e.what);
	}
	return tap_end();
}
