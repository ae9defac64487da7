/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP: a connection of the host's accepted, one in the container made, and two ways between them.
 * Ends are passed on as they come: FIN for one direction, RST for both. Runs in rlc-ports.
 */
#include "net/forward_tcp.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "net/source_route.h"
#include "net/way.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

enum { ACCEPTS_AT_ONCE = 64, WATCHED = EPOLLIN | EPOLLOUT | EPOLLRDHUP };

enum side { CLIENT, INSIDE };

struct end {
	struct forward_watch watch; /* first: an event's pointer is ours */
	struct connection *connection;
};

struct connection {
	struct end ends[2]; /* enum side */
	struct way ways[2]; /* out of CLIENT, out of INSIDE */
	struct sockaddr_storage peer;
	uint16_t port;
	uint8_t tried; /* addresses of the container's that refused */
	bool connecting, waits_in_ready, is_closed;
	struct connection *next, **at; /* of forward.connections */
	struct connection *next_ready;
};

/* ---- ends ---- */

static void reset(int fd)
{
	const struct linger now = {.l_onoff = 1};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void finish(struct forward *f, struct connection *c, bool broken)
{
	for (int side = CLIENT; side <= INSIDE; side++) {
		const int fd = c->ends[side].watch.fd;

		way_drop(&c->ways[side], &f->pipes);
		if (fd < 0)
			continue;
		if (broken)
			reset(fd);
		close(fd);
		c->ends[side].watch.fd = -1;
	}
	c->is_closed = true;
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	f->n_connections--;
	/* It may still stand in `ready`; from there it comes to `closed`. */
	if (c->waits_in_ready)
		return;
	c->next_ready = f->closed;
	f->closed = c;
}

void tcp_free_closed(struct forward *f)
{
	struct connection *next;

	for (struct connection *c = f->closed; c; c = next) {
		next = c->next_ready;
		free(c);
	}
	f->closed = NULL;
}

static void pump(struct forward *f, struct connection *c)
{
	bool more = false;

	for (int side = CLIENT; side <= INSIDE; side++) {
		const enum way_state s = way_pump(&c->ways[side], &f->pipes);

		if (s == WAY_BROKEN) {
			finish(f, c, true);
			return;
		}
		more |= s == WAY_MORE;
	}
	if (c->ways[INSIDE].done && (c->ways[CLIENT].done || f->ending)) {
		finish(f, c, false);
		return;
	}
	if (more && !c->waits_in_ready) {
		c->waits_in_ready = true;
		c->next_ready = f->ready;
		f->ready = c;
	}
}

void tcp_go_on(struct forward *f)
{
	struct connection *next, *list = f->ready;

	f->ready = NULL;
	for (struct connection *c = list; c; c = next) {
		next = c->next_ready;
		c->waits_in_ready = false;
		if (c->is_closed) {
			c->next_ready = f->closed;
			f->closed = c;
		} else {
			pump(f, c);
		}
	}
}

/* ---- connecting ---- */

static int start_connect(struct forward *f, struct connection *c);

static int error_of(int fd)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		return errno;
	return error;
}

static void established(struct forward *f, struct connection *c)
{
	const int client = c->ends[CLIENT].watch.fd, inside = c->ends[INSIDE].watch.fd;

	c->connecting = false;
	c->ways[CLIENT].from = c->ways[INSIDE].to = client;
	c->ways[INSIDE].from = c->ways[CLIENT].to = inside;
	pump(f, c);
}

/* Another address of the container's, or the client learns that nobody listens. */
static void refused(struct forward *f, struct connection *c)
{
	close(take_fd(&c->ends[INSIDE].watch.fd));
	c->tried++;
	if (start_connect(f, c) < 0)
		finish(f, c, true);
}

static void note(struct connection *c, int side, uint32_t events)
{
	struct way *out = &c->ways[side], *in = &c->ways[!side];

	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		out->readable = true;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		out->ending = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		in->writable = true;
}

static void ready(struct forward *f, struct forward_watch *w, uint32_t events)
{
	struct end *end = (struct end *)w;
	struct connection *c = end->connection;
	const int side = end == &c->ends[INSIDE];

	if (c->is_closed)
		return;
	note(c, side, events);
	if (!c->connecting)
		pump(f, c);
	else if (side == INSIDE && error_of(w->fd))
		refused(f, c);
	else if (side == INSIDE && (events & EPOLLOUT))
		established(f, c);
	/* What came before a reset was passed on by then, as far as it was taken. */
	if (!c->is_closed && w->fd >= 0 && (events & EPOLLERR) && error_of(w->fd))
		finish(f, c, true);
}

/* The nth address to try: the client's own family first, where its address can be kept. */
static bool choose(const struct forward *f, const struct connection *c, struct sockaddr_storage *to,
		   socklen_t *len)
{
	const struct sockaddr_in6 *peer = (const struct sockaddr_in6 *)&c->peer;
	const bool v6 = peer->sin6_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&peer->sin6_addr);
	unsigned nth = c->tried;

	for (int other = 0; other < 2; other++) {
		if (!forward_address(&f->target, other ? !v6 : v6, c->port, to, len))
			continue;
		if (nth-- == 0)
			return true;
	}
	return false;
}

/* Begins to connect to the next address; -1: there is none left. */
static int start_connect(struct forward *f, struct connection *c)
{
	static const int on = 1;
	struct sockaddr_storage to;
	socklen_t len;

	for (; choose(f, c, &to, &len); c->tried++) {
		auto_fd int fd =
		    socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd < 0)
			continue;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (f->keep_source)
			source_keep(fd, &c->peer, &to);
		if (connect(fd, (const struct sockaddr *)&to, len) < 0 && errno != EINPROGRESS)
			continue;
		/* EPOLLOUT comes at once where it is connected already. */
		c->ends[INSIDE].watch.fd = take_fd(&fd);
		return forward_watch(f, &c->ends[INSIDE].watch, WATCHED | EPOLLET);
	}
	return -1;
}

void tcp_end(struct forward *f)
{
	struct connection *next;

	for (struct connection *c = f->connections; c; c = next) {
		next = c->next;
		if (c->connecting)
			finish(f, c, true);
		else
			pump(f, c);
	}
}

/* ---- accepting ---- */

static void begin(struct forward *f, const struct forward_port *p, int client,
		  const struct sockaddr_storage *peer)
{
	struct connection *c = xcalloc(1, sizeof(*c));

	*c = (struct connection){.port = p->port, .peer = *peer, .connecting = true};
	for (int side = CLIENT; side <= INSIDE; side++) {
		c->ends[side] = (struct end){{ready, -1}, c};
		c->ways[side] = (struct way){.from = -1, .to = -1, .readable = true};
		c->ways[side].writable = true;
	}
	c->ends[CLIENT].watch.fd = client;
	c->next = f->connections;
	c->at = &f->connections;
	if (c->next)
		c->next->at = &c->next;
	f->connections = c;
	f->n_connections++;
	/* A client on this machine needs no congestion control either: source_route_unpaced(). */
	if (source_is_loopback(peer))
		(void)setsockopt(client, IPPROTO_TCP, TCP_CONGESTION, "reno", strlen("reno"));
	if (forward_watch(f, &c->ends[CLIENT].watch, WATCHED | EPOLLET) < 0 ||
	    start_connect(f, c) < 0)
		finish(f, c, true);
}

void tcp_accept(struct forward *f, struct forward_watch *w, uint32_t events)
{
	const struct forward_port *p = (const struct forward_port *)w;

	(void)events;
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);
		const int fd =
		    accept4(w->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 &&
		    (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
			f->accept_stops = true;
		if (fd < 0 && (errno == EAGAIN || f->accept_stops))
			return;
		if (fd < 0)
			continue; /* gone before we came, or the network said something of it */
		if (f->n_connections < f->room.connections) {
			begin(f, p, fd, &peer);
			continue;
		}
		/* Full: who comes now learns it at once instead of waiting. */
		reset(fd);
		close(fd);
	}
}
