/* SPDX-License-Identifier: Apache-2.0 */
/* Finds connections that libslirp need not keep; runs in rlc-net. */
#include "net/time_wait.h"

#include "net/checksum.h"

#include <netinet/in.h>
#include <string.h>

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10 }; /* RFC 9293, 3.1 */
enum { SEQUENCE = 4, ACKNOWLEDGED = 8, FLAGS = 13, PROBES = 4, TTL = 64 };

/*
 * libslirp sent its FIN; the container acknowledged that; sent its own; libslirp acknowledged. With
 * all four it is in TIME_WAIT if its FIN was the first or both crossed, and gone if not.
 */
enum { OURS = 1, OURS_ACKED = 2, THEIRS = 4, THEIRS_ACKED = 8, OVER = 15 };

static uint32_t read32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return ntohl(word);
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint8_t flags_of(const struct frame *f)
{
	return f->bytes[f->transport + FLAGS];
}

/* The sequence number of what follows all in this segment. */
static uint32_t after(const struct frame *f)
{
	return read32(f->bytes + f->transport + SEQUENCE) + (uint32_t)(f->size - f->payload) +
	       (flags_of(f) & FIN);
}

static bool acknowledges(const struct frame *f, uint32_t number)
{
	return (flags_of(f) & ACK) && read32(f->bytes + f->transport + ACKNOWLEDGED) == number;
}

static void read_key(const struct frame *f, bool inward, struct time_wait_flow *ret)
{
	const size_t n = frame_is_ipv6(f) ? 16 : 4;

	*ret = (struct time_wait_flow){
	    .inside_port = inward ? f->target_port : f->source_port,
	    .outside_port = inward ? f->source_port : f->target_port,
	    .is_ipv6 = frame_is_ipv6(f),
	};
	memcpy(ret->inside, inward ? f->target : f->source, n);
	memcpy(ret->outside, inward ? f->source : f->target, n);
}

static bool is_same(const struct time_wait_flow *a, const struct time_wait_flow *b)
{
	return a->inside_port == b->inside_port && a->outside_port == b->outside_port &&
	       a->is_ipv6 == b->is_ipv6 && memcmp(a->inside, b->inside, sizeof(a->inside)) == 0 &&
	       memcmp(a->outside, b->outside, sizeof(a->outside)) == 0;
}

static struct time_wait_flow *place(struct time_wait *t, const struct time_wait_flow *key, size_t n)
{
	return &t->flows[(key->inside_port + n) % TIME_WAIT_FLOWS];
}

static struct time_wait_flow *find(struct time_wait *t, const struct time_wait_flow *key)
{
	for (size_t i = 0; i < PROBES; i++) {
		struct time_wait_flow *flow = place(t, key, i);

		if (flow->reached && is_same(flow, key))
			return flow;
	}
	return NULL;
}

static void forget(struct time_wait *t, struct time_wait_flow *flow)
{
	t->n_over -= flow->reached == OVER;
	flow->reached = 0;
}

/* A free place, or that of the oldest: it may be one that libslirp has closed by itself. */
static struct time_wait_flow *make(struct time_wait *t, const struct time_wait_flow *key)
{
	struct time_wait_flow *best = place(t, key, 0);

	for (size_t i = 0; i < PROBES && best->reached; i++) {
		struct time_wait_flow *flow = place(t, key, i);

		if (!flow->reached || t->births - flow->born > t->births - best->born)
			best = flow;
	}
	forget(t, best);
	*best = *key;
	best->born = t->births++;
	return best;
}

static void reach(struct time_wait *t, struct time_wait_flow *flow, uint8_t what)
{
	if (flow->reached == OVER)
		return;
	flow->reached |= what;
	t->n_over += flow->reached == OVER;
}

void time_wait_inward(struct time_wait *t, const struct frame *f)
{
	struct time_wait_flow key, *flow;

	if (f->protocol != IPPROTO_TCP)
		return;
	read_key(f, true, &key);
	flow = find(t, &key);
	if (flow && flags_of(f) & (SYN | RST)) {
		forget(t, flow);
		return;
	}
	if (!flow && flags_of(f) & FIN)
		flow = make(t, &key);
	if (!flow)
		return;
	if (flags_of(f) & FIN) {
		flow->after_ours = after(f);
		reach(t, flow, OURS);
	}
	if ((flow->reached & THEIRS) && acknowledges(f, flow->after_theirs))
		reach(t, flow, THEIRS_ACKED);
}

void time_wait_outward(struct time_wait *t, const struct frame *f)
{
	struct time_wait_flow key, *flow;

	if (f->protocol != IPPROTO_TCP)
		return;
	read_key(f, false, &key);
	flow = find(t, &key);
	if (!flow)
		return;
	if (flags_of(f) & (SYN | RST)) {
		forget(t, flow);
		return;
	}
	if (acknowledges(f, flow->after_ours))
		reach(t, flow, OURS_ACKED);
	if (flags_of(f) & FIN) {
		flow->after_theirs = after(f);
		reach(t, flow, THEIRS);
	}
}

static size_t make_reset(const struct time_wait_flow *flow, uint8_t *ret)
{
	const size_t ip_size = flow->is_ipv6 ? FRAME_IPV6 : FRAME_IPV4;
	uint8_t *ip = ret + FRAME_ETHERNET, *tcp = ip + ip_size;
	const size_t size = FRAME_ETHERNET + ip_size + FRAME_TCP;
	struct frame f;
	uint16_t sum;

	memset(ret, 0, size);
	put16(ret + 12, flow->is_ipv6 ? 0x86dd : 0x0800);
	if (flow->is_ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, FRAME_TCP);
		ip[6] = IPPROTO_TCP;
		ip[7] = TTL;
		memcpy(ip + 8, flow->inside, 16);
		memcpy(ip + 24, flow->outside, 16);
	} else {
		ip[0] = 0x45;
		put16(ip + 2, FRAME_IPV4 + FRAME_TCP);
		ip[8] = TTL;
		ip[9] = IPPROTO_TCP;
		memcpy(ip + 12, flow->inside, 4);
		memcpy(ip + 16, flow->outside, 4);
		sum = checksum_end(checksum_add(0, ip, FRAME_IPV4));
		memcpy(ip + 10, &sum, sizeof(sum));
	}
	put16(tcp, flow->inside_port);
	put16(tcp + 2, flow->outside_port);
	put32(tcp + SEQUENCE, flow->after_theirs);
	put32(tcp + ACKNOWLEDGED, flow->after_ours);
	tcp[12] = FRAME_TCP / 4 << 4;
	tcp[FLAGS] = RST | ACK;
	if (!frame_parse(ret, size, &f))
		return 0;
	checksum_write(&f);
	return size;
}

size_t time_wait_reset(struct time_wait *t, uint8_t ret[TIME_WAIT_RESET])
{
	if (!t->n_over)
		return 0;
	for (size_t i = 0; i < TIME_WAIT_FLOWS; i++) {
		struct time_wait_flow *flow = &t->flows[i];

		if (flow->reached != OVER)
			continue;
		forget(t, flow);
		return make_reset(flow, ret);
	}
	return 0;
}
