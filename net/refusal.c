/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to frames that go nowhere; pure, runs in rlc-net. */
#include "net/refusal.h"

#include "net/checksum.h"

#include <netinet/in.h>
#include <string.h>

enum { ICMP_HEAD = 8, UNREACHABLE = 3, PROHIBITED = 13, UNREACHABLE6 = 1, PROHIBITED6 = 1 };

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The frame's headers around n bytes of ICMP at `icmp`; returns what a parser would. */
static struct frame wrap(const struct net_config *c, const struct frame *f, uint8_t *out, size_t n)
{
	uint8_t *ip = out + FRAME_ETHERNET;
	struct frame ret = {.bytes = out, .type = f->type};
	uint16_t sum;

	memcpy(out, f->bytes + 6, 6);
	memcpy(out + 6, f->bytes, 6);
	put16(out + 12, f->type);
	if (frame_is_ipv6(f)) {
		ret.transport = FRAME_ETHERNET + FRAME_IPV6;
		ret.protocol = IPPROTO_ICMPV6;
		ip[0] = 0x60;
		put16(ip + 4, n);
		ip[6] = IPPROTO_ICMPV6;
		ip[7] = 64;
		ret.source = memcpy(ip + 8, c->gateway6, 16);
		ret.target = memcpy(ip + 24, f->source, 16);
	} else {
		ret.transport = FRAME_ETHERNET + FRAME_IPV4;
		ret.protocol = IPPROTO_ICMP;
		ip[0] = 0x45;
		put16(ip + 2, FRAME_IPV4 + n);
		ip[8] = 64;
		ip[9] = IPPROTO_ICMP;
		ret.source = memcpy(ip + 12, c->gateway, 4);
		ret.target = memcpy(ip + 16, f->source, 4);
		sum = checksum_end(checksum_add(0, ip, FRAME_IPV4));
		memcpy(ip + 10, &sum, sizeof(sum));
	}
	ret.size = ret.transport + n;
	return ret;
}

size_t refusal_make(const struct net_config *c, const struct frame *f, uint8_t out[REFUSAL_MAX])
{
	const bool six = frame_is_ipv6(f);
	const size_t packet = f->size - FRAME_ETHERNET;
	const size_t quoted = packet < REFUSAL_QUOTED ? packet : REFUSAL_QUOTED;
	struct frame answer;
	uint8_t *icmp;
	uint16_t sum;

	memset(out, 0, REFUSAL_MAX);
	answer = wrap(c, f, out, ICMP_HEAD + quoted);
	icmp = out + answer.transport;
	icmp[0] = six ? UNREACHABLE6 : UNREACHABLE;
	icmp[1] = six ? PROHIBITED6 : PROHIBITED;
	memcpy(icmp + ICMP_HEAD, f->bytes + FRAME_ETHERNET, quoted);
	sum = checksum_end(
	    checksum_add(six ? checksum_pseudo(&answer) : 0, icmp, ICMP_HEAD + quoted));
	memcpy(icmp + 2, &sum, sizeof(sum));
	return answer.size;
}
