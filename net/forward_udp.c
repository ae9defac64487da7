/* SPDX-License-Identifier: Apache-2.0 */
/* UDP: a bounded table of flows, datagrams in batches; runs in rlc-ports. */
#include "net/forward_udp.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/random.h>

enum { BATCH = 16, ROUNDS = 4, DATAGRAM_MAX = 65535, BUCKETS = 512 };

/* Room for either family's IP_PKTINFO. */
union control {
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct cmsghdr align;
};

/* Who talks to whom; no padding, since it is compared as bytes. */
struct flow_key {
	struct sockaddr_in6 peer; /* or a sockaddr_in, the rest zero */
	struct in6_addr local;	  /* where the peer wrote to; v4 in the first four */
	int32_t interface;
	int32_t listener;
};

struct flow {
	struct forward_watch watch; /* first: an event's pointer is ours */
	struct flow_key key;
	int64_t used_ms;
	bool answered, is_closed;
	struct flow *newer, *older; /* by used_ms */
	struct flow *next;	    /* in its bucket, or of the closed */
};

struct flows {
	uint32_t seed; /* nobody outside can fill one bucket on purpose */
	size_t n;
	struct flow *newest, *oldest, *closed;
	struct flow *buckets[BUCKETS];
};

/* One batch on its way; in both directions, one at a time. */
static struct {
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_in6 peers[BATCH];
	union control controls[BATCH];
	char bytes[BATCH][DATAGRAM_MAX + 1];
} batch;

/* ---- the table ---- */

static struct flow **bucket_of(struct flows *all, const struct flow_key *key)
{
	const unsigned char *bytes = (const unsigned char *)key;
	uint32_t h = all->seed;

	for (size_t i = 0; i < sizeof(*key); i++)
		h = (h ^ bytes[i]) * 16777619;
	return &all->buckets[(h ^ h >> 16) % BUCKETS];
}

static void unlink_age(struct flows *all, struct flow *w)
{
	*(w->newer ? &w->newer->older : &all->newest) = w->older;
	*(w->older ? &w->older->newer : &all->oldest) = w->newer;
}

static void link_newest(struct flows *all, struct flow *w)
{
	w->newer = NULL;
	w->older = all->newest;
	*(all->newest ? &all->newest->newer : &all->oldest) = w;
	all->newest = w;
}

static void touch(struct forward *f, struct flow *w)
{
	w->used_ms = f->now_ms;
	unlink_age(f->flows, w);
	link_newest(f->flows, w);
}

/* Its memory stays until no event can name it. */
static void end_flow(struct flows *all, struct flow *w)
{
	struct flow **at = bucket_of(all, &w->key);

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	unlink_age(all, w);
	close(w->watch.fd);
	w->is_closed = true;
	w->next = all->closed;
	all->closed = w;
	all->n--;
}

static void free_closed(struct flows *all)
{
	struct flow *next;

	for (struct flow *w = all->closed; w; w = next) {
		next = w->next;
		free(w);
	}
	all->closed = NULL;
}

void udp_expire(struct forward *f)
{
	struct flow *newer;

	if (!f->flows)
		return;
	free_closed(f->flows);
	for (struct flow *w = f->flows->oldest; w; w = newer) {
		const int64_t silent = f->now_ms - w->used_ms;

		newer = w->newer;
		if (silent < FLOW_UNANSWERED_MS)
			return;
		if (!w->answered || silent >= FLOW_ANSWERED_MS)
			end_flow(f->flows, w);
	}
}

void udp_end(struct forward *f)
{
	while (f->flows && f->flows->oldest)
		end_flow(f->flows, f->flows->oldest);
}

bool udp_has_flows(const struct forward *f)
{
	return f->flows && f->flows->n;
}

/* ---- batches ---- */

/* Receives what waits; returns the number of datagrams. */
static int receive(int fd)
{
	for (int i = 0; i < BATCH; i++) {
		batch.parts[i] = (struct iovec){batch.bytes[i], DATAGRAM_MAX};
		batch.messages[i].msg_hdr = (struct msghdr){
		    .msg_name = &batch.peers[i],
		    .msg_namelen = sizeof(batch.peers[i]),
		    .msg_iov = &batch.parts[i],
		    .msg_iovlen = 1,
		    .msg_control = &batch.controls[i],
		    .msg_controllen = sizeof(batch.controls[i]),
		};
	}
	return recvmmsg(fd, batch.messages, BATCH, MSG_DONTWAIT, NULL);
}

/* Sends datagrams first … first + n - 1 of the batch; what cannot go now is lost, as in UDP. */
static void send_batch(int fd, int first, int n)
{
	int sent;

	for (int i = first; i < first + n; i++)
		batch.parts[i].iov_len = batch.messages[i].msg_len;
	while (n > 0) {
		sent =
		    sendmmsg(fd, batch.messages + first, (unsigned)n, MSG_DONTWAIT | MSG_NOSIGNAL);
		/* An error is about the first one, or about an earlier datagram (ECONNREFUSED). */
		if (sent <= 0)
			sent = 1;
		first += sent;
		n -= sent;
	}
}

/* ---- out of the container ---- */

static size_t set_source(const struct flow_key *key, union control *c)
{
	struct msghdr m = {.msg_control = c, .msg_controllen = sizeof(*c)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&m);

	if (key->peer.sin6_family == AF_INET) {
		struct in_pktinfo info = {0};

		memcpy(&info.ipi_spec_dst, &key->local, sizeof(info.ipi_spec_dst));
		*head = (struct cmsghdr){CMSG_LEN(sizeof(info)), IPPROTO_IP, IP_PKTINFO};
		memcpy(CMSG_DATA(head), &info, sizeof(info));
		return CMSG_SPACE(sizeof(info));
	}
	struct in6_pktinfo info = {.ipi6_addr = key->local};

	if (IN6_IS_ADDR_LINKLOCAL(&key->local))
		info.ipi6_ifindex = (unsigned)key->interface;
	*head = (struct cmsghdr){CMSG_LEN(sizeof(info)), IPPROTO_IPV6, IPV6_PKTINFO};
	memcpy(CMSG_DATA(head), &info, sizeof(info));
	return CMSG_SPACE(sizeof(info));
}

static void answer(struct forward *f, struct forward_watch *watch, uint32_t events)
{
	struct flow *w = (struct flow *)watch;
	union control source;
	size_t source_len;
	int n;

	(void)events;
	if (w->is_closed)
		return;
	source_len = set_source(&w->key, &source);
	for (int round = 0; round < ROUNDS && (n = receive(watch->fd)) > 0; round++) {
		for (int i = 0; i < n; i++) {
			struct msghdr *m = &batch.messages[i].msg_hdr;

			m->msg_name = &w->key.peer;
			m->msg_namelen = w->key.peer.sin6_family == AF_INET
					     ? sizeof(struct sockaddr_in)
					     : sizeof(struct sockaddr_in6);
			m->msg_control = &source;
			m->msg_controllen = source_len;
		}
		send_batch(w->key.listener, 0, n);
		w->answered = true;
		touch(f, w);
	}
}

/* ---- into the container ---- */

static void read_key(const struct forward_port *p, int i, struct flow_key *ret)
{
	struct msghdr *m = &batch.messages[i].msg_hdr;

	memset(ret, 0, sizeof(*ret));
	memcpy(&ret->peer, &batch.peers[i], m->msg_namelen);
	ret->listener = p->watch.fd;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(&ret->local, &info.ipi_spec_dst, sizeof(info.ipi_spec_dst));
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			ret->local = info.ipi6_addr;
			ret->interface = (int32_t)info.ipi6_ifindex;
		}
	}
}

/* The container's v4 address where it has one: what listens on :: hears that too. */
static int connect_inside(const struct forward *f, uint16_t port)
{
	struct sockaddr_storage to;
	socklen_t len;
	auto_fd int fd = -1;

	if (!forward_address(&f->target, false, port, &to, &len) &&
	    !forward_address(&f->target, true, port, &to, &len))
		return -1;
	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, len) < 0)
		return -1;
	return take_fd(&fd);
}

/*
 * Who gives way when the table is full: of those that the container never answered the one that was
 * silent longest, so that a flood it does not listen to takes nothing from its conversations.
 */
static struct flow *find_victim(const struct flows *all)
{
	struct flow *w = all->oldest;

	while (w && w->answered)
		w = w->newer;
	return w ? w : all->oldest;
}

static struct flow *make_flow(struct forward *f, const struct forward_port *p,
			      const struct flow_key *key, struct flow **bucket)
{
	auto_fd int fd = -1;
	struct flow *w;

	if (f->flows->n >= f->room.flows) {
		end_flow(f->flows, find_victim(f->flows));
		bucket = bucket_of(f->flows, key);
	}
	fd = connect_inside(f, p->port);
	if (fd < 0)
		return NULL;
	w = xcalloc(1, sizeof(*w));
	*w = (struct flow){.watch = {answer, fd}, .key = *key, .used_ms = f->now_ms};
	if (forward_watch(f, &w->watch, EPOLLIN) < 0) {
		free(w);
		return NULL;
	}
	(void)take_fd(&fd);
	w->next = *bucket;
	*bucket = w;
	link_newest(f->flows, w);
	f->flows->n++;
	return w;
}

static struct flow *find_flow(struct forward *f, const struct forward_port *p,
			      const struct flow_key *key)
{
	struct flow **bucket = bucket_of(f->flows, key);

	for (struct flow *w = *bucket; w; w = w->next)
		if (memcmp(&w->key, key, sizeof(*key)) == 0) {
			touch(f, w);
			return w;
		}
	return make_flow(f, p, key, bucket);
}

/* Neighbours of one flow go in one call. */
static void pass_on(struct forward *f, const struct forward_port *p, int n)
{
	struct flow_key keys[BATCH];
	int last;

	for (int i = 0; i < n; i++)
		read_key(p, i, &keys[i]);
	for (int i = 0; i < n; i++) {
		struct msghdr *m = &batch.messages[i].msg_hdr;

		m->msg_name = m->msg_control = NULL;
		m->msg_namelen = 0;
		m->msg_controllen = 0;
	}
	for (int i = 0; i < n; i = last) {
		const struct flow *w = find_flow(f, p, &keys[i]);

		for (last = i + 1; last < n; last++)
			if (memcmp(&keys[last], &keys[i], sizeof(keys[i])) != 0)
				break;
		if (w)
			send_batch(w->watch.fd, i, last - i);
	}
}

void udp_receive(struct forward *f, struct forward_watch *watch, uint32_t events)
{
	const struct forward_port *p = (const struct forward_port *)watch;
	int n;

	(void)events;
	if (!f->flows) {
		f->flows = xcalloc(1, sizeof(*f->flows));
		(void)!getrandom(&f->flows->seed, sizeof(f->flows->seed), 0);
	}
	for (int round = 0; round < ROUNDS && (n = receive(watch->fd)) > 0; round++)
		pass_on(f, p, n);
}
