/* SPDX-License-Identifier: Apache-2.0 */
/* Internet checksums; pure, runs in rlc-net. */
#include "net/checksum.h"

#include <netinet/in.h>
#include <string.h>

uint64_t checksum_add(uint64_t sum, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	uint64_t word;
	uint16_t pair;

	/* Eight at a time: a one's complement sum may be folded whenever one likes. */
	for (; n >= sizeof(word); at += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum += (word & 0xffffffff) + (word >> 32);
	}
	for (; n >= sizeof(pair); at += sizeof(pair), n -= sizeof(pair)) {
		memcpy(&pair, at, sizeof(pair));
		sum += pair;
	}
	if (n) {
		pair = 0;
		memcpy(&pair, at, 1);
		sum += pair;
	}
	return sum;
}

uint16_t checksum_end(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint64_t checksum_pseudo(const struct frame *f)
{
	size_t n = frame_is_ipv6(f) ? 16 : 4;
	uint64_t sum = checksum_add(0, f->source, n);

	sum = checksum_add(sum, f->target, n);
	return sum + htons(f->protocol) + htons((uint16_t)(f->size - f->transport));
}

uint8_t *checksum_field(const struct frame *f)
{
	uint8_t *transport = f->bytes + f->transport;

	switch (f->protocol) {
	case IPPROTO_TCP:
		return transport + 16;
	case IPPROTO_UDP:
		return transport + 6;
	case IPPROTO_ICMPV6:
		return transport + 2;
	default:
		return NULL;
	}
}

void checksum_write(const struct frame *f)
{
	uint8_t *field = checksum_field(f);
	uint16_t sum = 0;

	memcpy(field, &sum, sizeof(sum));
	sum = checksum_end(
	    checksum_add(checksum_pseudo(f), f->bytes + f->transport, f->size - f->transport));
	/* In UDP 0 says that there is none. */
	if (sum == 0 && f->protocol == IPPROTO_UDP)
		sum = UINT16_MAX;
	memcpy(field, &sum, sizeof(sum));
}

void checksum_replace(const struct frame *f, uint8_t *at, const void *bytes, size_t n)
{
	uint8_t *field = checksum_field(f);
	uint16_t sum;
	uint64_t total;

	memcpy(&sum, field, sizeof(sum));
	total = (uint16_t)~sum;
	for (size_t i = 0; i < n; i += sizeof(sum)) {
		memcpy(&sum, at + i, sizeof(sum));
		total += (uint16_t)~sum;
	}
	total = checksum_add(total, bytes, n);
	memcpy(at, bytes, n);
	sum = checksum_end(total);
	memcpy(field, &sum, sizeof(sum));
}
