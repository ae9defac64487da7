/* SPDX-License-Identifier: Apache-2.0 */
/* The table of unfinished datagrams; pure, runs in rlc-net on what the container sends. */
#include "net/fragments.h"

#include "net/checksum.h"

#include <string.h>

enum { AT_LENGTH = 2, AT_ID = 4, AT_FLAGS = 6, AT_PROTOCOL = 9, AT_SUM = 10, AT_ADDRESSES = 12 };
enum { HEADERS = FRAME_ETHERNET + FRAME_IPV4, UNIT = 8, MORE = 0x20 };

static const uint8_t *header(const uint8_t *frame)
{
	return frame + FRAME_ETHERNET;
}

/* Bytes of the datagram that stand before this fragment's. */
static size_t offset_of(const struct frame *f)
{
	const uint8_t *ip = header(f->bytes);

	return (size_t)((ip[AT_FLAGS] & 0x1f) << 8 | ip[AT_FLAGS + 1]) * UNIT;
}

static bool is_of(const struct fragments_datagram *d, const struct frame *f)
{
	const uint8_t *a = header(d->bytes), *b = header(f->bytes);

	return d->size && memcmp(a + AT_ID, b + AT_ID, 2) == 0 &&
	       a[AT_PROTOCOL] == b[AT_PROTOCOL] &&
	       memcmp(a + AT_ADDRESSES, b + AT_ADDRESSES, 8) == 0;
}

static struct fragments_datagram *find(struct fragments *t, const struct frame *f)
{
	for (size_t i = 0; i < FRAGMENTS_TABLE; i++)
		if (is_of(&t->table[i], f))
			return &t->table[i];
	return NULL;
}

static struct fragments_datagram *find_place(struct fragments *t)
{
	struct fragments_datagram *oldest = &t->table[0];

	for (size_t i = 0; i < FRAGMENTS_TABLE; i++) {
		if (!t->table[i].size)
			return &t->table[i];
		if (t->table[i].begun_ms < oldest->begun_ms)
			oldest = &t->table[i];
	}
	return oldest;
}

/* It becomes a frame as if it had never been cut. */
static bool finish(struct fragments_datagram *d, struct frame *ret)
{
	uint8_t *ip = d->bytes + FRAME_ETHERNET;
	size_t size = d->size, total = size - FRAME_ETHERNET;
	uint16_t sum = 0;

	d->size = 0;
	ip[AT_LENGTH] = (uint8_t)(total >> 8);
	ip[AT_LENGTH + 1] = (uint8_t)total;
	ip[AT_FLAGS] = ip[AT_FLAGS + 1] = 0;
	memcpy(ip + AT_SUM, &sum, sizeof(sum));
	sum = checksum_end(checksum_add(0, ip, FRAME_IPV4));
	memcpy(ip + AT_SUM, &sum, sizeof(sum));
	return frame_parse(d->bytes, size, ret);
}

bool fragments_add(struct fragments *t, const struct frame *f, int64_t now_ms, struct frame *ret)
{
	const bool more = header(f->bytes)[AT_FLAGS] & MORE;
	const size_t offset = offset_of(f), n = f->size - f->transport;
	struct fragments_datagram *d = find(t, f);

	if (offset == 0) {
		d = d ? d : find_place(t);
		memcpy(d->bytes, f->bytes, f->size);
		d->size = f->size;
		d->begun_ms = now_ms;
		return false;
	}
	if (!d)
		return false;
	/* So one of odd size in the middle is its datagram's end: no other can follow it. */
	if (now_ms - d->begun_ms > FRAGMENTS_LIFE_MS || d->size != HEADERS + offset ||
	    n > sizeof(d->bytes) - d->size) {
		d->size = 0;
		return false;
	}
	memcpy(d->bytes + d->size, f->bytes + f->transport, n);
	d->size += n;
	return more ? false : finish(d, ret);
}
