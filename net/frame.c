/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the headers of a frame; pure, runs in rlc-net on what the container sends. */
#include "net/frame.h"

#include <netinet/in.h>
#include <string.h>

/* Ethernet's type field (linux/if_ether.h has them, but not beside netinet's headers everywhere).
 */
enum { TYPE_IPV4 = 0x0800, TYPE_ARP = 0x0806, TYPE_IPV6 = 0x86dd };
enum { TCP_SYN = 0x02, ICMP_SMALLEST = 8 };

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static bool parse_arp(struct frame *f)
{
	static const uint8_t over_ethernet[] = {0, 1, 8, 0, 6, 4}; /* RFC 826 */
	const uint8_t *arp = f->bytes + FRAME_ETHERNET;

	if (f->size < FRAME_ETHERNET + FRAME_ARP ||
	    memcmp(arp, over_ethernet, sizeof(over_ethernet)) != 0)
		return false;
	f->transport = f->payload = FRAME_ETHERNET;
	f->source = arp + 14;
	f->target = arp + 24;
	return true;
}

static bool parse_tcp(struct frame *f)
{
	const uint8_t *tcp = f->bytes + f->transport;
	size_t room = f->size - f->transport, header;

	if (f->fragment || room < FRAME_TCP)
		return false;
	header = (size_t)(tcp[12] >> 4) * 4;
	if (header < FRAME_TCP || header > room)
		return false;
	f->payload = f->transport + header;
	return true;
}

static bool parse_udp(struct frame *f)
{
	size_t room = f->size - f->transport, length;

	if (room < FRAME_UDP)
		return false;
	length = read16(f->bytes + f->transport + 4);
	if (length < FRAME_UDP || length > room)
		return false;
	f->size = f->transport + length;
	f->payload = f->transport + FRAME_UDP;
	return true;
}

static bool parse_transport(struct frame *f)
{
	f->payload = f->transport;
	switch (f->protocol) {
	case IPPROTO_TCP:
		if (!parse_tcp(f))
			return false;
		break;
	case IPPROTO_UDP:
		if (f->fragment)
			return true;
		if (!parse_udp(f))
			return false;
		break;
	case IPPROTO_ICMP:
		return f->type == TYPE_IPV4 &&
		       (f->fragment || f->size - f->transport >= ICMP_SMALLEST);
	case IPPROTO_ICMPV6:
		return f->type == TYPE_IPV6 && f->size - f->transport >= ICMP_SMALLEST;
	default:
		return false;
	}
	f->source_port = read16(f->bytes + f->transport);
	f->target_port = read16(f->bytes + f->transport + 2);
	return true;
}

static bool parse_ipv4(struct frame *f)
{
	enum { FLAG_RESERVED = 0x8000, MORE_OR_OFFSET = 0x3fff, OFFSET = 0x1fff };
	const uint8_t *ip = f->bytes + FRAME_ETHERNET;
	size_t total, offset;

	/* 0x45: version 4 and five words, so no options. */
	if (f->size < FRAME_ETHERNET + FRAME_IPV4 || ip[0] != 0x45)
		return false;
	total = read16(ip + 2);
	if (total < FRAME_IPV4 || total > f->size - FRAME_ETHERNET ||
	    read16(ip + 6) & FLAG_RESERVED)
		return false;
	f->fragment = (read16(ip + 6) & MORE_OR_OFFSET) != 0;
	offset = (size_t)(read16(ip + 6) & OFFSET) * 8;
	/* What it would become when put together is no packet: "ping of death". */
	if (total == FRAME_IPV4 || offset + total > UINT16_MAX)
		return false;
	f->size = FRAME_ETHERNET + total;
	f->transport = FRAME_ETHERNET + FRAME_IPV4;
	f->protocol = ip[9];
	f->source = ip + 12;
	f->target = ip + 16;
	return parse_transport(f);
}

static bool parse_ipv6(struct frame *f)
{
	const uint8_t *ip = f->bytes + FRAME_ETHERNET;
	size_t length;

	if (f->size < FRAME_ETHERNET + FRAME_IPV6 || ip[0] >> 4 != 6)
		return false;
	length = read16(ip + 4);
	/* A jumbo payload says 0 and its size in an extension header. */
	if (length == 0 || length > f->size - FRAME_ETHERNET - FRAME_IPV6)
		return false;
	f->size = FRAME_ETHERNET + FRAME_IPV6 + length;
	f->transport = FRAME_ETHERNET + FRAME_IPV6;
	f->protocol = ip[6];
	f->source = ip + 8;
	f->target = ip + 24;
	return parse_transport(f);
}

bool frame_parse(uint8_t *bytes, size_t size, struct frame *ret)
{
	*ret = (struct frame){.bytes = bytes, .size = size};
	if (size < FRAME_ETHERNET)
		return false;
	ret->type = read16(bytes + 12);
	switch (ret->type) {
	case TYPE_ARP:
		return parse_arp(ret);
	case TYPE_IPV4:
		return parse_ipv4(ret);
	case TYPE_IPV6:
		return parse_ipv6(ret);
	default:
		return false;
	}
}

bool frame_is_ipv6(const struct frame *f)
{
	return f->type == TYPE_IPV6;
}

bool frame_is_syn(const struct frame *f)
{
	return f->protocol == IPPROTO_TCP && (f->bytes[f->transport + 13] & TCP_SYN);
}
