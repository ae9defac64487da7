/* SPDX-License-Identifier: Apache-2.0 */
/* Forwards DNS questions over UDP; runs in rlc-net, in the host's network. */
#include "net/dns.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "net/checksum.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { DNS_PORT = 53, DNS_HEADER = 12 };
/* resolv.conf(5): a resolver waits five seconds before it asks again by itself. */
enum { SERVER_PATIENCE_MS = 1500, QUESTION_LIFE_MS = 5000 };
enum { SERVFAIL = 2, NOTIMP = 4, REFUSED = 5 };

/* Not if_nametoindex(3): that opens a socket of a kind that rlc-net's cage refuses. */
static uint32_t interface_number(const char *scope)
{
	struct ifreq request = {0};
	auto_fd int fd = -1;
	int64_t number;

	if (str_to_i64(scope, 1, INT32_MAX, &number))
		return (uint32_t)number;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", scope);
	return fd >= 0 && ioctl(fd, SIOCGIFINDEX, &request) == 0 ? (uint32_t)request.ifr_ifindex
								 : 0;
}

void dns_set_servers(struct dns *d, const char *text, size_t n)
{
	d->n_servers = nameservers_parse(text, n, d->servers);
	d->good = 0;
	d->troubled = false;
	for (size_t i = 0; i < d->n_servers; i++)
		if (d->servers[i].scope[0])
			d->servers[i].scope_id = interface_number(d->servers[i].scope);
}

static void forget(struct dns *d, struct dns_question *q)
{
	if (q->fd >= 0)
		close(q->fd);
	free(q->bytes);
	q->bytes = NULL;
	d->n_pending--;
}

/* A socket of its own for each try: what arrives on it is from that server, to this question. */
static int connect_to(const struct nameserver *s)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(DNS_PORT)};
	struct sockaddr_in6 six = {
	    .sin6_family = AF_INET6, .sin6_port = htons(DNS_PORT), .sin6_scope_id = s->scope_id};
	const void *address = s->is_ipv6 ? (const void *)&six : &four;
	auto_fd int fd =
	    socket(s->is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(&four.sin_addr, s->address, sizeof(four.sin_addr));
	memcpy(&six.sin6_addr, s->address, sizeof(six.sin6_addr));
	if (fd < 0 || connect(fd, address, s->is_ipv6 ? sizeof(six) : sizeof(four)) < 0)
		return -1;
	return take_fd(&fd);
}

/* Sends it to its server, or to the next that can be reached at all. Returns whether one could. */
static bool send_question(struct dns *d, struct dns_question *q, int64_t now)
{
	while (q->tries < 2 * d->n_servers) {
		if (q->fd >= 0)
			close(q->fd);
		q->fd = connect_to(&d->servers[q->server % d->n_servers]);
		q->tries++;
		q->deadline = now + SERVER_PATIENCE_MS;
		if (q->fd >= 0 && send(q->fd, q->bytes, q->size, 0) == (ssize_t)q->size)
			return true;
		q->server++;
		d->troubled = true;
	}
	return false;
}

static struct dns_question *find_place(struct dns *d)
{
	struct dns_question *oldest = &d->pending[0];

	for (size_t i = 0; i < DNS_PENDING; i++) {
		struct dns_question *q = &d->pending[i];

		if (!q->bytes)
			return q;
		if (q->end < oldest->end)
			oldest = q;
	}
	forget(d, oldest);
	return oldest;
}

void dns_ask(struct dns *d, const struct frame *f, int64_t now)
{
	size_t size = f->size - f->payload;
	struct dns_question *q;

	if (size < DNS_HEADER || size > DNS_QUESTION_MAX || !d->n_servers)
		return;
	q = find_place(d);
	*q = (struct dns_question){
	    .fd = -1,
	    .bytes = xcalloc(1, size),
	    .size = size,
	    .server = d->good,
	    .end = now + QUESTION_LIFE_MS,
	    .asker = {.port = f->source_port, .is_ipv6 = frame_is_ipv6(f)},
	};
	memcpy(q->bytes, f->bytes + f->payload, size);
	memcpy(q->asker.ethernet, f->bytes, sizeof(q->asker.ethernet));
	memcpy(q->asker.address, f->source, q->asker.is_ipv6 ? 16 : 4);
	d->n_pending++;
	if (!send_question(d, q, now))
		forget(d, q);
}

size_t dns_poll(const struct dns *d, struct pollfd *p)
{
	size_t n = 0;

	for (size_t i = 0; d->n_pending && i < DNS_PENDING; i++)
		if (d->pending[i].bytes)
			p[n++] = (struct pollfd){.fd = d->pending[i].fd, .events = POLLIN};
	return n;
}

int64_t dns_deadline(const struct dns *d)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; d->n_pending && i < DNS_PENDING; i++) {
		const struct dns_question *q = &d->pending[i];

		if (q->bytes && q->deadline < first)
			first = q->deadline;
	}
	return first;
}

/* The next server, while there is one that was not asked twice and time is left. */
static void ask_next(struct dns *d, struct dns_question *q, int64_t now)
{
	d->troubled = true;
	q->server++;
	if (now >= q->end || !send_question(d, q, now))
		forget(d, q);
}

static bool says_nothing(const uint8_t *answer)
{
	uint8_t code = answer[3] & 0x0f;

	return code == SERVFAIL || code == NOTIMP || code == REFUSED;
}

static void take_answer(struct dns *d, struct dns_question *q, int64_t now)
{
	enum { HEADROOM = FRAME_ETHERNET + FRAME_IPV6 + FRAME_UDP };
	/* Pages of it that no answer reaches are never touched. */
	static uint8_t buffer[HEADROOM + DNS_ANSWER_MAX];
	uint8_t *answer = buffer + HEADROOM, *frame;
	ssize_t n = recv(q->fd, answer, DNS_ANSWER_MAX, 0);
	size_t size;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) { /* nobody listens there, or no way leads there */
		ask_next(d, q, now);
		return;
	}
	/* Its number must be the question's, and it an answer. */
	if (n < DNS_HEADER || memcmp(answer, q->bytes, 2) != 0 || !(answer[2] & 0x80))
		return;
	if (says_nothing(answer) && q->tries < d->n_servers) {
		ask_next(d, q, now);
		return;
	}
	d->good = q->server % (unsigned int)d->n_servers;
	frame = dns_make_frame(d->net, &q->asker, answer, (size_t)n, &size);
	forget(d, q);
	d->send(d->to, frame, size);
}

void dns_work(struct dns *d, const struct pollfd *p, size_t n, int64_t now)
{
	size_t next = 0;

	for (size_t i = 0; d->n_pending && i < DNS_PENDING; i++) {
		struct dns_question *q = &d->pending[i];

		if (!q->bytes)
			continue;
		/* In the order of dns_poll; what was asked since then has no entry yet. */
		if (next < n && p[next].fd == q->fd) {
			short events = p[next++].revents;

			if (events)
				take_answer(d, q, now);
		}
		if (q->bytes && now >= q->deadline)
			ask_next(d, q, now);
	}
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

uint8_t *dns_make_frame(const struct net_config *c, const struct dns_asker *a, uint8_t *at,
			size_t n, size_t *ret_size)
{
	size_t ip_size = a->is_ipv6 ? FRAME_IPV6 : FRAME_IPV4, length = FRAME_UDP + n;
	uint8_t *udp = at - FRAME_UDP, *ip = udp - ip_size, *frame = ip - FRAME_ETHERNET;
	struct frame f = {.bytes = frame,
			  .size = FRAME_ETHERNET + ip_size + length,
			  .type = a->is_ipv6 ? 0x86dd : 0x0800,
			  .protocol = IPPROTO_UDP,
			  .transport = FRAME_ETHERNET + ip_size};
	uint16_t sum;

	memcpy(frame, a->ethernet + 6, 6);
	memcpy(frame + 6, a->ethernet, 6);
	put16(frame + 12, f.type);
	memset(ip, 0, ip_size + FRAME_UDP);
	if (a->is_ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, length);
		ip[6] = IPPROTO_UDP;
		ip[7] = 64;
		f.source = memcpy(ip + 8, c->dns6, 16);
		f.target = memcpy(ip + 24, a->address, 16);
	} else {
		ip[0] = 0x45;
		put16(ip + 2, ip_size + length);
		ip[6] = 0x40; /* don't fragment */
		ip[8] = 64;
		ip[9] = IPPROTO_UDP;
		f.source = memcpy(ip + 12, c->dns, 4);
		f.target = memcpy(ip + 16, a->address, 4);
		sum = checksum_end(checksum_add(0, ip, FRAME_IPV4));
		memcpy(ip + 10, &sum, sizeof(sum));
	}
	put16(udp, DNS_PORT);
	put16(udp + 2, a->port);
	put16(udp + 4, length);
	checksum_write(&f);
	*ret_size = f.size;
	return frame;
}
