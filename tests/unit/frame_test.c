/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames can be judged, and what they say. */
#include "lib/base/auto.h"
#include "net/frame.h"
#include "tests/unit/frame_build.h"
#include "tests/unit/tap.h"

/* A good frame, of which one byte is changed. */
enum kind { TCP4, UDP4, ICMP4, TCP6, UDP6, ICMP6, ARP };

static size_t build(enum kind kind, uint8_t *out)
{
	static const uint8_t echo[16] = {8}, echo6[16] = {128};
	static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1};

	switch (kind) {
	case TCP4:
		return tcp_build(out, "10.0.2.100", "192.0.2.1", 4000, 80, 2, "\2\4\5\264", 4, 9);
	case UDP4:
		return udp_build(out, "10.0.2.100", "192.0.2.1", 4000, 5353, "question", 8);
	case ICMP4:
		return frame_build(out, "10.0.2.100", "192.0.2.1", IPPROTO_ICMP, echo, 16);
	case TCP6:
		return tcp_build(out, "fd00::100", "2001:db8::1", 4000, 80, 2, "\2\4\5\264", 4, 9);
	case UDP6:
		return udp_build(out, "fd00::100", "2001:db8::1", 4000, 5353, "question", 8);
	case ICMP6:
		return frame_build(out, "fd00::100", "fd00::2", IPPROTO_ICMPV6, echo6, 16);
	case ARP:
		memset(out, 0x52, 12);
		put16(out + 12, 0x0806);
		memcpy(out + 14, arp, sizeof(arp));
		return 14 + sizeof(arp);
	}
	return 0;
}

static const struct {
	const char *what;
	enum kind kind;
	int at; /* -1: nothing is changed */
	uint8_t to;
	int cut; /* bytes taken off the end */
	bool good;
} cases[] = {
    {"TCP", TCP4, -1, 0, 0, true},
    {"UDP", UDP4, -1, 0, 0, true},
    {"ICMP", ICMP4, -1, 0, 0, true},
    {"TCP over IPv6", TCP6, -1, 0, 0, true},
    {"UDP over IPv6", UDP6, -1, 0, 0, true},
    {"ICMPv6", ICMP6, -1, 0, 0, true},
    {"ARP", ARP, -1, 0, 0, true},
    {"a VLAN tag", TCP4, 12, 0x81, 0, false},
    {"a length in place of a type", TCP4, 12, 0, 0, false},
    {"IPv4 behind IPv6's type", TCP4, 12, 0x86, 0, false},
    {"IPv6's version in IPv4", TCP4, 14, 0x65, 0, false},
    {"IPv4 options", TCP4, 14, 0x46, 0, false},
    {"an IPv4 header of four words", TCP4, 14, 0x44, 0, false},
    {"IPv4: longer than the frame", TCP4, 17, 200, 0, false},
    {"IPv4: the frame is cut", TCP4, -1, 0, 1, false},
    {"IPv4: shorter than its header", TCP4, 17, 19, 0, false},
    {"IPv4: nothing in it", TCP4, 17, 20, 0, false},
    {"IPv4: shorter than TCP's header", TCP4, 17, 39, 0, false},
    {"IPv4: the reserved flag", TCP4, 20, 0x80, 0, false},
    {"IPv4: don't fragment", TCP4, 20, 0x40, 0, true},
    {"the first fragment of TCP", TCP4, 20, 0x20, 0, false},
    {"a later fragment of TCP", TCP4, 21, 1, 0, false},
    {"the first fragment of UDP", UDP4, 20, 0x20, 0, true},
    {"a later fragment of UDP", UDP4, 21, 1, 0, true},
    {"a fragment that would reach beyond 64 KiB", UDP4, 20, 0x1f, 0, true},
    {"another protocol: SCTP", TCP4, 23, 132, 0, false},
    {"another protocol: IP in IP", TCP4, 23, 4, 0, false},
    {"ICMPv6 in IPv4", ICMP4, 23, IPPROTO_ICMPV6, 0, false},
    {"TCP: a header of four words", TCP4, 46, 0x40, 0, false},
    {"TCP: a header beyond the end", TCP4, 46, 0xf0, 0, false},
    {"UDP: shorter than its header", UDP4, 39, 7, 0, false},
    {"UDP: longer than the packet", UDP4, 39, 17, 0, false},
    {"IPv6: version 4", TCP6, 14, 0x40, 0, false},
    {"IPv6: a jumbo payload", TCP6, 19, 0, 0, false},
    {"IPv6: longer than the frame", TCP6, 19, 200, 0, false},
    {"IPv6: hop-by-hop options", TCP6, 20, 0, 0, false},
    {"IPv6: a routing header", TCP6, 20, 43, 0, false},
    {"IPv6: a fragment", TCP6, 20, 44, 0, false},
    {"IPv6: destination options", TCP6, 20, 60, 0, false},
    {"IPv6: ICMP of IPv4", ICMP6, 20, IPPROTO_ICMP, 0, false},
    {"ARP for another medium", ARP, 15, 2, 0, false},
    {"ARP that is cut", ARP, -1, 0, 1, false},
};

static void test_cases(void)
{
	for (size_t i = 0; i < array_len(cases); i++) {
		uint8_t bytes[FRAME_ROOM];
		size_t n = build(cases[i].kind, bytes) - (size_t)cases[i].cut;
		struct frame f;

		if (cases[i].at >= 0)
			bytes[cases[i].at] = cases[i].to;
		ok(frame_parse(bytes, n, &f) == cases[i].good, "%s is %s", cases[i].what,
		   cases[i].good ? "read" : "refused");
	}
}

/* The last byte that a fragment may put at is 65534. */
static void test_fragment_end(void)
{
	uint8_t bytes[FRAME_ROOM];
	size_t n = build(UDP4, bytes);
	struct frame f;

	put16(bytes + 20, 0x1fff - 4);
	ok(frame_parse(bytes, n, &f) && f.fragment && f.target_port == 0,
	   "a last fragment within 64 KiB");
	put16(bytes + 20, 0x1fff);
	ok(!frame_parse(bytes, n, &f), "one beyond");
}

static void test_fields(void)
{
	uint8_t bytes[FRAME_ROOM];
	size_t n = build(TCP4, bytes);
	struct frame f;

	ok(frame_parse(bytes, n + 6, &f) && f.size == n, "what lies behind the packet is cut off");
	ok(f.protocol == IPPROTO_TCP && f.source_port == 4000 && f.target_port == 80 &&
	       f.transport == 34 && f.payload == 58 && frame_is_syn(&f) && !frame_is_ipv6(&f) &&
	       memcmp(f.target, "\300\0\2\1", 4) == 0,
	   "the fields of TCP");
	n = build(UDP6, bytes);
	ok(frame_parse(bytes, n, &f) && f.protocol == IPPROTO_UDP && f.target_port == 5353 &&
	       f.transport == 54 && f.payload == 62 && frame_is_ipv6(&f) && !frame_is_syn(&f) &&
	       f.target[15] == 1,
	   "the fields of UDP over IPv6");
	for (size_t i = 0; i < n; i++)
		if (frame_parse(bytes, i, &f))
			break;
		else if (i + 1 == n)
			ok(true, "no shorter frame is read");
}

int main(void)
{
	test_cases();
	test_fragment_end();
	test_fields();
	return tap_end();
}
