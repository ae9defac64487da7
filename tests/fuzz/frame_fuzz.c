/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtio header and a frame, as the container sends them, through all that looks at them before
 * libslirp: what is passed on leads to no refused address and has a right checksum.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "net/checksum.h"
#include "net/dns_tcp.h"
#include "net/filter.h"
#include "net/offload.h"
#include "net/refusal.h"
#include "net/time_wait.h"
#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>

static void check_target(const struct filter_rules *r, const struct frame *f)
{
	bool six = frame_is_ipv6(f);
	const uint8_t *gateway = six ? r->net.gateway6 : r->net.gateway;

	if (f->protocol == 0 || f->protocol == IPPROTO_ICMPV6)
		return;
	if (filter_is_refused(f->target, six))
		abort();
	if (f->protocol != IPPROTO_ICMP && memcmp(f->target, gateway, six ? 16 : 4) == 0)
		abort();
}

/* What the container sends and what answers it, each taken for either; many inputs, one table. */
static void follow_ends(const struct frame *f)
{
	static struct time_wait ends;
	uint8_t reset[TIME_WAIT_RESET];
	struct frame made;
	size_t n;

	time_wait_outward(&ends, f);
	time_wait_inward(&ends, f);
	n = time_wait_reset(&ends, reset);
	if (n && (!frame_parse(reset, n, &made) || made.protocol != IPPROTO_TCP))
		abort();
}

static void check_refusal(const struct net_config *c, const struct frame *f)
{
	uint8_t out[REFUSAL_MAX];
	struct frame answer;

	if (!frame_parse(out, refusal_make(c, f, out), &answer) ||
	    memcmp(answer.target, f->source, frame_is_ipv6(f) ? 16 : 4) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct nameserver server = {.address = {127, 0, 0, 53}};
	static struct dns_tcp table;
	struct filter_rules r = {.ping = true};
	uint8_t headers[OFFLOAD_HEADERS];
	struct virtio_net_hdr h, out;
	auto_free uint8_t *copy = NULL;
	enum filter_verdict verdict;
	struct frame f;

	if (size < sizeof(h))
		return 0;
	net_config_init(&r.net);
	memcpy(&h, data, sizeof(h));
	copy = xcalloc(1, size - sizeof(h) + 1);
	memcpy(copy, data + sizeof(h), size - sizeof(h));
	if (!frame_parse(copy, size - sizeof(h), &f))
		return 0;
	if (f.size > size - sizeof(h) || f.payload > f.size || f.transport > f.payload)
		abort();
	verdict = filter_judge(&r, &f);
	if (filter_is_told(&r, &f))
		check_refusal(&r.net, &f);
	if (verdict == FILTER_PASS)
		check_target(&r, &f);
	if (verdict == FILTER_DROP || verdict == FILTER_DNS || !offload_complete(&h, &f))
		return 0;
	if (verdict == FILTER_DNS_TCP && dns_tcp_outward(&table, &f, &server, 1) &&
	    f.target[0] != 127)
		abort();
	if (h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM &&
	    checksum_end(checksum_add(checksum_pseudo(&f), f.bytes + f.transport,
				      f.size - f.transport)) != 0)
		abort();
	follow_ends(&f);
	if (frame_is_syn(&f))
		offload_raise_mss(&f, 65460);
	if (offload_split(&f, 576, &out, headers) > sizeof(headers))
		abort();
	return 0;
}
