/* SPDX-License-Identifier: Apache-2.0 */
/* Makes frames for tests, from addresses as text. */
#pragma once
#include "net/checksum.h"
#include "net/frame.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

enum { FRAME_ROOM = 2048 };

static inline void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/*
 * Writes a frame with n bytes of transport (header and data) copied from `transport`; source and
 * target of one family. Returns its size. The transport's checksum is as it is given.
 */
static inline size_t frame_build(uint8_t *out, const char *source, const char *target,
				 uint8_t protocol, const void *transport, size_t n)
{
	bool six = strchr(target, ':') != NULL;
	size_t ip_size = six ? FRAME_IPV6 : FRAME_IPV4;
	uint8_t *ip = out + FRAME_ETHERNET;
	uint16_t sum;

	memset(out, 0, FRAME_ETHERNET + ip_size);
	memset(out, 0x52, 12);
	put16(out + 12, six ? 0x86dd : 0x0800);
	if (six) {
		ip[0] = 0x60;
		put16(ip + 4, n);
		ip[6] = protocol;
		ip[7] = 255;
		inet_pton(AF_INET6, source, ip + 8);
		inet_pton(AF_INET6, target, ip + 24);
	} else {
		ip[0] = 0x45;
		put16(ip + 2, ip_size + n);
		ip[8] = 64;
		ip[9] = protocol;
		inet_pton(AF_INET, source, ip + 12);
		inet_pton(AF_INET, target, ip + 16);
		sum = checksum_end(checksum_add(0, ip, ip_size));
		memcpy(ip + 10, &sum, 2);
	}
	memcpy(ip + ip_size, transport, n);
	return FRAME_ETHERNET + ip_size + n;
}

/* TCP with `options` bytes of options and n bytes of data, all counted up from 1. */
static inline size_t tcp_build(uint8_t *out, const char *source, const char *target, uint16_t from,
			       uint16_t to, uint8_t flags, const void *options, size_t n_options,
			       size_t n)
{
	uint8_t tcp[FRAME_ROOM] = {0};

	put16(tcp, from);
	put16(tcp + 2, to);
	tcp[12] = (uint8_t)((FRAME_TCP + n_options) / 4 << 4);
	tcp[13] = flags;
	memcpy(tcp + FRAME_TCP, options, n_options);
	for (size_t i = 0; i < n; i++)
		tcp[FRAME_TCP + n_options + i] = (uint8_t)(i + 1);
	return frame_build(out, source, target, IPPROTO_TCP, tcp, FRAME_TCP + n_options + n);
}

static inline size_t udp_build(uint8_t *out, const char *source, const char *target, uint16_t from,
			       uint16_t to, const void *data, size_t n)
{
	uint8_t udp[FRAME_ROOM];

	put16(udp, from);
	put16(udp + 2, to);
	put16(udp + 4, FRAME_UDP + n);
	put16(udp + 6, 0);
	memcpy(udp + FRAME_UDP, data, n);
	return frame_build(out, source, target, IPPROTO_UDP, udp, FRAME_UDP + n);
}

/* Whether the transport checksum of the frame is right. */
static inline bool checksum_is_right(const struct frame *f)
{
	return checksum_end(checksum_add(checksum_pseudo(f), f->bytes + f->transport,
					 f->size - f->transport)) == 0;
}
