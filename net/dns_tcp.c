/* SPDX-License-Identifier: Apache-2.0 */
/* Address exchange for DNS over TCP; runs in rlc-net, on frames that were judged. */
#include "net/dns_tcp.h"

#include "net/checksum.h"

#include <string.h>

enum { DNS_PORT = 53 };

static size_t address_size(const struct frame *f)
{
	return frame_is_ipv6(f) ? 16 : 4;
}

/* Writes an address of the frame and corrects both checksums that it is part of. */
static void replace_address(const struct frame *f, const uint8_t *at, const uint8_t *address)
{
	uint8_t *ip = f->bytes + FRAME_ETHERNET;
	uint16_t sum = 0;

	checksum_replace(f, f->bytes + (at - f->bytes), address, address_size(f));
	if (frame_is_ipv6(f))
		return;
	memcpy(ip + 10, &sum, sizeof(sum));
	sum = checksum_end(checksum_add(0, ip, FRAME_IPV4));
	memcpy(ip + 10, &sum, sizeof(sum));
}

static struct dns_tcp_flow *flow_at(struct dns_tcp *t, uint16_t port)
{
	return &t->flows[port % DNS_TCP_FLOWS];
}

static bool is_of(const struct dns_tcp_flow *flow, uint16_t port, bool is_ipv6)
{
	return flow->used && flow->port == port && flow->is_ipv6 == is_ipv6;
}

static void begin(struct dns_tcp_flow *flow, const struct frame *f,
		  const struct nameserver *servers, size_t n, size_t start)
{
	flow->used = false;
	for (size_t i = 0; i < n && !flow->used; i++) {
		const size_t nth = (start + i) % n;
		const struct nameserver *s = &servers[nth];

		/* libslirp has no place for the interface that a link-local address needs. */
		if (s->is_ipv6 != frame_is_ipv6(f) || s->scope[0])
			continue;
		*flow = (struct dns_tcp_flow){
		    .port = f->source_port, .used = true, .is_ipv6 = s->is_ipv6, .nth = nth};
		memcpy(flow->server, s->address, sizeof(flow->server));
	}
}

bool dns_tcp_outward(struct dns_tcp *t, struct frame *f, const struct nameserver *servers, size_t n)
{
	struct dns_tcp_flow *flow = flow_at(t, f->source_port);

	/* Repeated: that server stays silent. libslirp opens another connection for the new one. */
	if (frame_is_syn(f))
		begin(flow, f, servers, n,
		      is_of(flow, f->source_port, frame_is_ipv6(f)) && !flow->answered
			  ? flow->nth + 1
			  : t->first);
	if (!is_of(flow, f->source_port, frame_is_ipv6(f)))
		return false;
	replace_address(f, f->target, flow->server);
	return true;
}

bool dns_tcp_is_answer(const struct dns_tcp *t, const struct frame *f)
{
	const struct dns_tcp_flow *flow = &t->flows[f->target_port % DNS_TCP_FLOWS];

	return f->source_port == DNS_PORT && is_of(flow, f->target_port, frame_is_ipv6(f)) &&
	       memcmp(f->source, flow->server, address_size(f)) == 0;
}

void dns_tcp_inward(struct dns_tcp *t, const struct net_config *c, struct frame *f)
{
	struct dns_tcp_flow *flow = flow_at(t, f->target_port);

	if (frame_is_syn(f)) {
		flow->answered = true;
		t->first = flow->nth;
	} else if (!flow->answered) { /* a reset: nothing else comes before */
		t->first = flow->nth + 1;
	}
	replace_address(f, f->source, frame_is_ipv6(f) ? c->dns6 : c->dns);
}

void dns_tcp_forget(struct dns_tcp *t, const struct frame *f)
{
	struct dns_tcp_flow *flow = flow_at(t, f->source_port);

	if (f->target_port == DNS_PORT && is_of(flow, f->source_port, frame_is_ipv6(f)) &&
	    memcmp(f->target, flow->server, address_size(f)) == 0)
		flow->used = false;
}
