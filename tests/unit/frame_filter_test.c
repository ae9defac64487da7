/* SPDX-License-Identifier: Apache-2.0 */
/* Where frames may go: every disguise of the host's loopback that is known, and the plain cases. */
#include "lib/base/auto.h"
#include "net/filter.h"
#include "tests/unit/frame_build.h"
#include "tests/unit/tap.h"

#define DROP  FILTER_DROP
#define PASS  FILTER_PASS
#define GUEST "10.0.2.100"
#define SIX   "fd00::100"

static const struct {
	const char *source, *target;
	enum filter_verdict tcp, udp; /* to port 80 */
} cases[] = {
    /* plain */
    {GUEST, "192.0.2.1", PASS, PASS},
    {GUEST, "10.0.3.1", PASS, PASS},
    {GUEST, "1.0.0.0", PASS, PASS},
    {GUEST, "126.255.255.255", PASS, PASS},
    {GUEST, "128.0.0.0", PASS, PASS},
    {GUEST, "169.253.255.255", PASS, PASS},
    {GUEST, "169.255.0.0", PASS, PASS},
    {GUEST, "223.255.255.255", PASS, PASS},
    {"10.0.2.1", "192.0.2.1", PASS, PASS},
    {SIX, "2001:db8::1", PASS, PASS},
    {SIX, "fd00:0:0:1::1", PASS, PASS},
    /* this host, loopback */
    {GUEST, "0.0.0.0", DROP, DROP},
    {GUEST, "0.255.255.255", DROP, DROP},
    {GUEST, "127.0.0.1", DROP, DROP},
    {GUEST, "127.0.0.2", DROP, DROP},
    {GUEST, "127.255.255.255", DROP, DROP},
    {SIX, "::", DROP, DROP},
    {SIX, "::1", DROP, DROP},
    {SIX, "::1:0:0:0:1", DROP, DROP}, /* reserved */
    /* IPv4 in IPv6 */
    {SIX, "::ffff:127.0.0.1", DROP, DROP},
    {SIX, "::ffff:192.0.2.1", DROP, DROP},
    {SIX, "::127.0.0.1", DROP, DROP},
    {SIX, "::ffff:0:127.0.0.1", DROP, DROP},
    {SIX, "64:ff9b::127.0.0.1", DROP, DROP},
    {SIX, "64:ff9b::10.0.2.2", PASS, PASS}, /* another's 10.0.2.2 */
    {SIX, "64:ff9b::192.0.2.1", PASS, PASS},
    {SIX, "64:ff9b:1::127.0.0.1", DROP, DROP},
    {SIX, "64:ff9b:1::0.0.0.0", DROP, DROP},
    {SIX, "64:ff9b:1::192.0.2.1", PASS, PASS},
    {SIX, "2002:7f00:1::1", DROP, DROP},
    {SIX, "2002:a9fe:a9fe::1", DROP, DROP},
    {SIX, "2002:c000:201::1", PASS, PASS},
    {SIX, "2001:0:7f00:1:0:0:3fff:fdfe", DROP, DROP},	/* Teredo's server 127.0.0.1 */
    {SIX, "2001:0:c000:201:0:0:80ff:fffe", DROP, DROP}, /* and client, inverted */
    {SIX, "2001:0:c000:201:0:0:3fff:fdfe", PASS, PASS},
    /* link-local, multicast, reserved, broadcast */
    {GUEST, "169.254.169.254", DROP, DROP},
    {GUEST, "224.0.0.1", DROP, DROP},
    {GUEST, "239.255.255.250", DROP, DROP},
    {GUEST, "240.0.0.1", DROP, DROP},
    {GUEST, "255.255.255.255", DROP, DROP},
    {SIX, "fe80::2", DROP, DROP},
    {SIX, "febf::1", DROP, DROP},
    {SIX, "ff02::1", DROP, DROP},
    {SIX, "ff0e::1", DROP, DROP},
    /* this link */
    {GUEST, "10.0.2.2", DROP, DROP},
    {GUEST, "10.0.2.3", DROP, DROP},
    {GUEST, "10.0.2.0", DROP, DROP},
    {GUEST, "10.0.2.15", DROP, DROP},
    {GUEST, "10.0.2.100", DROP, DROP},
    {GUEST, "10.0.2.255", DROP, DROP},
    {SIX, "fd00::2", DROP, DROP},
    {SIX, "fd00::3", DROP, DROP},
    {SIX, "fd00::", DROP, DROP},
    {SIX, "fd00::ffff:ffff:ffff:ffff", DROP, DROP},
    /* sources that are not of this link */
    {"127.0.0.1", "192.0.2.1", DROP, DROP},
    {"192.0.2.9", "192.0.2.1", DROP, DROP},
    {"0.0.0.0", "192.0.2.1", DROP, DROP},
    {"10.0.2.2", "192.0.2.1", DROP, DROP},
    {"10.0.2.3", "192.0.2.1", DROP, DROP},
    {"::1", "2001:db8::1", DROP, DROP},
    {"fe80::5", "2001:db8::1", DROP, DROP},
    {"fd00::2", "2001:db8::1", DROP, DROP},
    {"fd00::3", "2001:db8::1", DROP, DROP},
    {"2001:db8::9", "2001:db8::1", DROP, DROP},
};

static struct filter_rules rules(void)
{
	struct filter_rules r = {.ping = true};

	net_config_init(&r.net);
	return r;
}

static enum filter_verdict judge(const struct filter_rules *r, uint8_t *bytes, size_t n)
{
	struct frame f;

	return frame_parse(bytes, n, &f) ? filter_judge(r, &f) : FILTER_DROP;
}

static enum filter_verdict tcp_to(const struct filter_rules *r, const char *from, const char *to,
				  uint16_t port)
{
	uint8_t bytes[FRAME_ROOM];

	return judge(r, bytes, tcp_build(bytes, from, to, 4000, port, 2, "", 0, 0));
}

static enum filter_verdict udp_to(const struct filter_rules *r, const char *from, const char *to,
				  uint16_t port)
{
	uint8_t bytes[FRAME_ROOM];

	return judge(r, bytes, udp_build(bytes, from, to, 4000, port, "x", 1));
}

static void test_targets(void)
{
	struct filter_rules r = rules();

	for (size_t i = 0; i < array_len(cases); i++) {
		ok(tcp_to(&r, cases[i].source, cases[i].target, 80) == cases[i].tcp,
		   "TCP from %s to %s", cases[i].source, cases[i].target);
		ok(udp_to(&r, cases[i].source, cases[i].target, 80) == cases[i].udp,
		   "UDP from %s to %s", cases[i].source, cases[i].target);
	}
}

static void test_gateway(void)
{
	struct filter_rules r = rules();

	r.net.host_loopback = true;
	ok(tcp_to(&r, GUEST, "10.0.2.2", 80) == PASS && udp_to(&r, GUEST, "10.0.2.2", 80) == PASS &&
	       tcp_to(&r, SIX, "fd00::2", 80) == PASS && udp_to(&r, SIX, "fd00::2", 80) == PASS,
	   "allow_host_loopback opens the gateway's address");
	ok(tcp_to(&r, GUEST, "127.0.0.1", 80) == DROP && tcp_to(&r, SIX, "::1", 80) == DROP &&
	       tcp_to(&r, GUEST, "10.0.2.255", 80) == DROP &&
	       tcp_to(&r, SIX, "fd00::7", 80) == DROP,
	   "and no other that leads there");
	r = rules();
	r.net.ipv6 = false;
	ok(tcp_to(&r, SIX, "2001:db8::1", 80) == DROP, "no IPv6 where there is none");
}

static void test_dns(void)
{
	struct filter_rules r = rules();
	uint8_t bytes[FRAME_ROOM];
	size_t n;

	ok(udp_to(&r, GUEST, "10.0.2.3", 53) == FILTER_DNS &&
	       udp_to(&r, SIX, "fd00::3", 53) == FILTER_DNS,
	   "questions by UDP");
	ok(tcp_to(&r, GUEST, "10.0.2.3", 53) == FILTER_DNS_TCP &&
	       tcp_to(&r, SIX, "fd00::3", 53) == FILTER_DNS_TCP,
	   "questions by TCP");
	ok(udp_to(&r, GUEST, "10.0.2.3", 5353) == DROP && tcp_to(&r, SIX, "fd00::3", 853) == DROP,
	   "other ports of the name server");
	n = udp_build(bytes, GUEST, "10.0.2.3", 4000, 53, "x", 1);
	bytes[20] = 0x20;
	ok(judge(&r, bytes, n) == DROP, "a question in fragments");
	n = udp_build(bytes, GUEST, "192.0.2.1", 4000, 53, "x", 1);
	bytes[20] = 0x20;
	ok(judge(&r, bytes, n) == DROP, "nothing passes that is not put together");
}

static enum filter_verdict icmp(const struct filter_rules *r, const char *from, const char *to,
				uint8_t type, const char *about)
{
	bool six = strchr(to, ':') != NULL;
	uint8_t bytes[FRAME_ROOM], message[32] = {type};

	if (about)
		inet_pton(AF_INET6, about, message + 8);
	return judge(r, bytes,
		     frame_build(bytes, from, to, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP, message,
				 sizeof(message)));
}

static void test_icmp(void)
{
	struct filter_rules r = rules();

	ok(icmp(&r, GUEST, "192.0.2.1", 8, NULL) == PASS, "an echo request");
	ok(icmp(&r, GUEST, "127.0.0.1", 8, NULL) == DROP, "an echo request to the host's loopback");
	ok(icmp(&r, GUEST, "192.0.2.1", 0, NULL) == DROP &&
	       icmp(&r, GUEST, "192.0.2.1", 3, NULL) == DROP &&
	       icmp(&r, GUEST, "192.0.2.1", 5, NULL) == DROP,
	   "no other ICMP: an answer, unreachable, a redirect");
	ok(icmp(&r, GUEST, "10.0.2.2", 8, NULL) == PASS &&
	       icmp(&r, GUEST, "10.0.2.3", 8, NULL) == PASS,
	   "the gateway and the name server answer themselves");
	r.ping = false;
	ok(icmp(&r, GUEST, "192.0.2.1", 8, NULL) == DROP &&
	       icmp(&r, GUEST, "10.0.2.2", 8, NULL) == PASS,
	   "no echo request beyond them where this host forbids it");
}

static void test_icmp6(void)
{
	struct filter_rules r = rules();

	ok(icmp(&r, SIX, "fd00::2", 128, NULL) == PASS &&
	       icmp(&r, SIX, "fe80::3", 128, NULL) == PASS,
	   "an echo request to the gateway, by either address");
	ok(icmp(&r, SIX, "2001:db8::1", 128, NULL) == DROP &&
	       icmp(&r, SIX, "::1", 128, NULL) == DROP,
	   "libslirp cannot send one on");
	ok(icmp(&r, SIX, "ff02::1:ff00:2", 135, "fd00::2") == PASS &&
	       icmp(&r, "fe80::9", "ff02::1:ff00:2", 135, "fe80::2") == PASS,
	   "who is the gateway?");
	ok(icmp(&r, SIX, "ff02::1:ff00:9", 135, "fd00::9") == DROP &&
	       icmp(&r, SIX, "ff02::1", 135, "fd00::2") == DROP &&
	       icmp(&r, "::", "ff02::1:ff00:2", 135, "fd00::2") == DROP &&
	       icmp(&r, "fd00::2", "ff02::1:ff00:2", 135, "fd00::2") == DROP,
	   "not about others, to all, from none, or in the gateway's name");
	ok(icmp(&r, SIX, "fd00::2", 136, SIX) == PASS, "here I am");
	ok(icmp(&r, SIX, "ff02::2", 133, NULL) == DROP &&
	       icmp(&r, SIX, "fd00::2", 134, NULL) == DROP &&
	       icmp(&r, SIX, "fd00::2", 137, NULL) == DROP &&
	       icmp(&r, SIX, "2001:db8::1", 136, SIX) == DROP,
	   "no router solicitation or advertisement, no redirect, none to others");
}

static enum filter_verdict arp(const struct filter_rules *r, uint16_t operation, const char *from,
			       const char *about)
{
	uint8_t bytes[42] = {[12] = 8, [13] = 6, [15] = 1, [16] = 8, [18] = 6, [19] = 4};

	put16(bytes + 20, operation);
	inet_pton(AF_INET, from, bytes + 28);
	inet_pton(AF_INET, about, bytes + 38);
	return judge(r, bytes, sizeof(bytes));
}

static void test_arp(void)
{
	struct filter_rules r = rules();

	ok(arp(&r, 1, GUEST, "10.0.2.2") == PASS && arp(&r, 2, GUEST, "10.0.2.2") == PASS,
	   "ARP of this link");
	ok(arp(&r, 1, "10.0.2.2", "10.0.2.2") == DROP && arp(&r, 2, "10.0.2.3", GUEST) == DROP,
	   "not in the gateway's or the name server's name");
	ok(arp(&r, 1, GUEST, "127.0.0.1") == DROP && arp(&r, 1, "127.0.0.1", "10.0.2.2") == DROP &&
	       arp(&r, 3, GUEST, "10.0.2.2") == DROP && arp(&r, 0x101, GUEST, "10.0.2.2") == DROP,
	   "not of other networks, not RARP");
}

int main(void)
{
	test_targets();
	test_gateway();
	test_dns();
	test_icmp();
	test_icmp6();
	test_arp();
	return tap_end();
}
