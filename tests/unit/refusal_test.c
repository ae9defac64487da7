/* SPDX-License-Identifier: Apache-2.0 */
/* What the container is told of frames that went nowhere, and of which it is told nothing. */
#include "net/refusal.h"

#include "lib/base/auto.h"
#include "net/filter.h"
#include "tests/unit/frame_build.h"
#include "tests/unit/tap.h"

#define GUEST "10.0.2.100"
#define SIX   "fd00::100"

enum { SYN = 2, RST = 4, ACK = 16 };

static const struct {
	const char *what, *source, *target;
	int flags; /* of TCP; 0: UDP */
	bool told;
} cases[] = {
    {"a datagram", GUEST, "127.0.0.1", 0, true},
    {"a first segment", GUEST, "127.0.0.1", SYN, true},
    {"a datagram over IPv6", SIX, "::1", 0, true},
    {"a first segment over IPv6", SIX, "::1", SYN, true},
    {"another segment", GUEST, "127.0.0.1", ACK, false},
    {"a reset", SIX, "::1", RST, false},
    {"to a group", GUEST, "224.0.0.251", 0, false},
    {"to a group over IPv6", SIX, "ff02::fb", 0, false},
    {"to everybody", GUEST, "255.255.255.255", 0, false},
    {"to all of the link", GUEST, "10.0.2.255", 0, false},
    {"to all of another link", GUEST, "10.0.3.255", 0, true},
    {"from all of the link", "10.0.2.255", "127.0.0.1", 0, false},
    {"from the gateway", "10.0.2.2", "127.0.0.1", 0, false},
    {"from elsewhere", "192.0.2.1", "127.0.0.1", 0, false},
    {"from elsewhere over IPv6", "2001:db8::1", "::1", 0, false},
};

static size_t build(size_t i, uint8_t *bytes)
{
	const char *from = cases[i].source, *to = cases[i].target;

	return cases[i].flags
		   ? tcp_build(bytes, from, to, 4000, 80, (uint8_t)cases[i].flags, "", 0, 0)
		   : udp_build(bytes, from, to, 4000, 80, "x", 1);
}

/* As a kernel reads it (icmp(7)): who, about what. */
static void check_answer(const struct net_config *c, const struct frame *f, const char *what)
{
	bool six = frame_is_ipv6(f);
	uint8_t out[REFUSAL_MAX];
	size_t n = refusal_make(c, f, out), head = six ? FRAME_IPV6 : FRAME_IPV4;
	struct frame a;

	ok(frame_parse(out, n, &a) && a.size == n &&
	       a.protocol == (six ? IPPROTO_ICMPV6 : IPPROTO_ICMP) &&
	       memcmp(a.target, f->source, six ? 16 : 4) == 0 &&
	       memcmp(a.source, six ? c->gateway6 : c->gateway, six ? 16 : 4) == 0 &&
	       memcmp(out, f->bytes + 6, 6) == 0,
	   "%s: told to who sent it, by the gateway", what);
	ok(out[a.transport] == (six ? 1 : 3) && out[a.transport + 1] == (six ? 1 : 13) &&
	       memcmp(out + a.transport + 8, f->bytes + FRAME_ETHERNET, head + 8) == 0,
	   "that it is prohibited, and what");
	ok((six ? checksum_is_right(&a)
		: checksum_end(checksum_add(0, out + a.transport, n - a.transport)) == 0 &&
		      checksum_end(checksum_add(0, out + FRAME_ETHERNET, FRAME_IPV4)) == 0),
	   "with right checksums");
}

int main(void)
{
	struct filter_rules r = {0};
	uint8_t bytes[FRAME_ROOM];
	struct frame f;
	size_t n;

	net_config_init(&r.net);
	for (size_t i = 0; i < array_len(cases); i++) {
		n = build(i, bytes);
		ok(frame_parse(bytes, n, &f) && filter_is_told(&r, &f) == cases[i].told, "%s is %s",
		   cases[i].what, cases[i].told ? "told" : "not told");
		if (cases[i].told)
			check_answer(&r.net, &f, cases[i].what);
	}
	n = build(0, bytes);
	bytes[20] = 0x20;
	ok(frame_parse(bytes, n, &f) && !filter_is_told(&r, &f), "a fragment is not told");
	r.net.ipv6 = false;
	ok(frame_parse(bytes, build(2, bytes), &f) && !filter_is_told(&r, &f),
	   "nor IPv6 where there is none");
	return tap_end();
}
