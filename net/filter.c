/* SPDX-License-Identifier: Apache-2.0 */
/* The frame filter; pure, runs in rlc-net for each frame that the container sends. */
#include "net/filter.h"

#include "lib/base/auto.h"

#include <arpa/inet.h>
#include <string.h>

enum { DNS_PORT = 53 };
enum { ARP_REQUEST = 1, ARP_REPLY = 2, ECHO = 8, ECHO6 = 128, SOLICITATION = 135, NEIGHBOUR = 136 };

/* An address block: the first `bits` bits of an address are those of `begin`. */
struct block {
	uint8_t begin[16];
	uint8_t bits;
};

static bool is_in(const uint8_t *address, const uint8_t *begin, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	return memcmp(address, begin, whole) == 0 &&
	       (rest == 0 || (uint8_t)((address[whole] ^ begin[whole]) >> (8 - rest)) == 0);
}

/* clang-format off */
/* RFC 6890, "Special-Purpose IP Address Registries". */
static const struct block refused4[] = {
	{{0}, 8},          /* this host: the kernel takes 0.0.0.0 for 127.0.0.1 */
	{{127}, 8},        /* loopback */
	{{169, 254}, 16},  /* link-local: of another link, and clouds hand out credentials there */
	{{224}, 4},        /* multicast */
	{{240}, 4},        /* reserved, and the broadcast address, which libslirp makes 127.0.0.1 */
};

static const struct block refused6[] = {
	{{0}, 32},              /* ::, ::1, mapped, compatible and translated IPv4 addresses */
	{{0xfe, 0x80}, 10},     /* link-local */
	{{0xff}, 8},            /* multicast */
};

/* IPv6 addresses in which an IPv4 address stands, at this byte; it is judged as one. */
static const struct {
	struct block block;
	uint8_t at;
	uint8_t flip; /* Teredo writes the client's address inverted */
} embedded[] = {
	{{{0x20, 0x02}, 16}, 2, 0},                      /* 6to4, RFC 3056 */
	{{{0x20, 0x01, 0, 0}, 32}, 4, 0},                /* Teredo's server, RFC 4380 */
	{{{0x20, 0x01, 0, 0}, 32}, 12, 0xff},            /* Teredo's client */
	{{{0, 0x64, 0xff, 0x9b}, 96}, 12, 0},            /* NAT64, RFC 6052 */
	{{{0, 0x64, 0xff, 0x9b, 0, 1}, 48}, 12, 0},      /* local NAT64, RFC 8215 */
};
/* clang-format on */

static bool is_refused4(const uint8_t *address)
{
	for (size_t i = 0; i < array_len(refused4); i++)
		if (is_in(address, refused4[i].begin, refused4[i].bits))
			return true;
	return false;
}

static bool is_refused6(const uint8_t *address)
{
	for (size_t i = 0; i < array_len(embedded); i++) {
		uint8_t four[4];

		if (!is_in(address, embedded[i].block.begin, embedded[i].block.bits))
			continue;
		for (size_t j = 0; j < sizeof(four); j++)
			four[j] = address[embedded[i].at + j] ^ embedded[i].flip;
		if (is_refused4(four))
			return true;
	}
	for (size_t i = 0; i < array_len(refused6); i++)
		if (is_in(address, refused6[i].begin, refused6[i].bits))
			return true;
	return false;
}

bool filter_is_refused(const uint8_t *address, bool is_ipv6)
{
	return is_ipv6 ? is_refused6(address) : is_refused4(address);
}

/* An address of this link that is neither the gateway's nor the name server's. */
static bool is_guest4(const struct net_config *c, const uint8_t *a)
{
	return is_in(a, c->network, c->prefix) && memcmp(a, c->gateway, 4) != 0 &&
	       memcmp(a, c->dns, 4) != 0;
}

static bool is_guest6(const struct net_config *c, const uint8_t *a)
{
	return is_in(a, c->network6, c->prefix6) && memcmp(a, c->gateway6, 16) != 0 &&
	       memcmp(a, c->dns6, 16) != 0;
}

static enum filter_verdict judge_arp(const struct filter_rules *r, const struct frame *f)
{
	uint8_t operation = f->bytes[f->transport + 7];

	if (f->bytes[f->transport + 6] != 0 || (operation != ARP_REQUEST && operation != ARP_REPLY))
		return FILTER_DROP;
	return is_guest4(&r->net, f->source) && is_in(f->target, r->net.network, r->net.prefix)
		   ? FILTER_PASS
		   : FILTER_DROP;
}

/* To the name server: questions, and an echo request, which libslirp answers itself. */
static enum filter_verdict judge_dns(const struct frame *f)
{
	if (f->target_port != DNS_PORT)
		return FILTER_DROP;
	return f->protocol == IPPROTO_UDP ? FILTER_DNS : FILTER_DNS_TCP;
}

static enum filter_verdict judge_ipv4(const struct filter_rules *r, const struct frame *f)
{
	const struct net_config *c = &r->net;
	bool is_icmp = f->protocol == IPPROTO_ICMP;

	if (!is_guest4(c, f->source))
		return FILTER_DROP;
	if (is_icmp && f->bytes[f->transport] != ECHO)
		return FILTER_DROP;
	if (memcmp(f->target, c->dns, 4) == 0)
		return is_icmp ? FILTER_PASS : judge_dns(f);
	if (memcmp(f->target, c->gateway, 4) == 0)
		return is_icmp || c->host_loopback ? FILTER_PASS : FILTER_DROP;
	if (is_in(f->target, c->network, c->prefix) || is_refused4(f->target))
		return FILTER_DROP;
	return !is_icmp || r->ping ? FILTER_PASS : FILTER_DROP;
}

/* The gateway or the name server, by its own or its link-local address. */
static bool is_router6(const struct net_config *c, const uint8_t *a)
{
	static const uint8_t link_local[16] = {0xfe, 0x80};

	return memcmp(a, c->gateway6, 16) == 0 || memcmp(a, c->dns6, 16) == 0 ||
	       (is_in(a, link_local, 64) &&
		(memcmp(a + 8, c->gateway6 + 8, 8) == 0 || memcmp(a + 8, c->dns6 + 8, 8) == 0));
}

/* Neighbour discovery of this link alone (RFC 4861), and echo requests to its two hosts. */
static enum filter_verdict judge_icmp6(const struct filter_rules *r, const struct frame *f)
{
	enum { TARGET = 8, TARGET_END = 24 };
	static const uint8_t solicited[16] = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
	static const uint8_t link_local[16] = {0xfe, 0x80};
	const uint8_t *icmp = f->bytes + f->transport;
	bool from_link = is_guest6(&r->net, f->source) ||
			 (is_in(f->source, link_local, 64) && !is_router6(&r->net, f->source));
	bool to_router = is_router6(&r->net, f->target);

	if (!from_link)
		return FILTER_DROP;
	switch (icmp[0]) {
	case ECHO6:
		return to_router ? FILTER_PASS : FILTER_DROP;
	case SOLICITATION:
	case NEIGHBOUR:
		if (f->size - f->transport < TARGET_END ||
		    (!to_router && !is_in(f->target, solicited, 104)))
			return FILTER_DROP;
		return icmp[0] == NEIGHBOUR || is_router6(&r->net, icmp + TARGET) ? FILTER_PASS
										  : FILTER_DROP;
	default:
		return FILTER_DROP;
	}
}

static enum filter_verdict judge_ipv6(const struct filter_rules *r, const struct frame *f)
{
	const struct net_config *c = &r->net;

	if (!c->ipv6)
		return FILTER_DROP;
	if (f->protocol == IPPROTO_ICMPV6)
		return judge_icmp6(r, f);
	if (!is_guest6(c, f->source))
		return FILTER_DROP;
	if (memcmp(f->target, c->dns6, 16) == 0)
		return judge_dns(f);
	if (memcmp(f->target, c->gateway6, 16) == 0)
		return c->host_loopback ? FILTER_PASS : FILTER_DROP;
	/* libslirp takes every other address of the prefix for the host's ::1. */
	return is_in(f->target, c->network6, c->prefix6) || is_refused6(f->target) ? FILTER_DROP
										   : FILTER_PASS;
}

enum filter_verdict filter_judge(const struct filter_rules *r, const struct frame *f)
{
	/* It does not say where it goes: net/fragments.h comes first. */
	if (f->fragment)
		return FILTER_DROP;
	if (f->protocol == 0)
		return judge_arp(r, f);
	return frame_is_ipv6(f) ? judge_ipv6(r, f) : judge_ipv4(r, f);
}

static bool is_broadcast4(const struct net_config *c, const uint8_t *a)
{
	const uint32_t hosts = UINT32_MAX >> c->prefix;
	uint32_t address;

	memcpy(&address, a, sizeof(address));
	return a[0] >= 224 ||
	       (is_in(a, c->network, c->prefix) && (ntohl(address) & hosts) == hosts);
}

bool filter_is_told(const struct filter_rules *r, const struct frame *f)
{
	const struct net_config *c = &r->net;

	if (f->fragment || !(f->protocol == IPPROTO_UDP || frame_is_syn(f)))
		return false;
	if (frame_is_ipv6(f))
		return c->ipv6 && is_guest6(c, f->source) && f->target[0] != 0xff;
	return is_guest4(c, f->source) && !is_broadcast4(c, f->source) &&
	       !is_broadcast4(c, f->target);
}
