/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of rlc-ports. */
#include "net/forward.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/shed.h"
#include "net/forward_tcp.h"
#include "net/forward_udp.h"
#include "net/portmap.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <time.h>

enum { EVENTS = 64, PAUSE_MS = 100, EXPIRE_MS = 1000, ENDING_MS = 1000 };

int forward_watch(struct forward *f, struct forward_watch *w, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = w};

	return epoll_ctl(f->epoll, EPOLL_CTL_ADD, w->fd, &event);
}

bool forward_address(const struct forward_target *t, bool v6, uint16_t port,
		     struct sockaddr_storage *ret, socklen_t *ret_len)
{
	if (v6) {
		struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

		memcpy(&a.sin6_addr, t->address6, sizeof(a.sin6_addr));
		memcpy(ret, &a, sizeof(a));
		*ret_len = sizeof(a);
		return t->has6;
	}
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

	memcpy(&a.sin_addr, t->address4, sizeof(a.sin_addr));
	memcpy(ret, &a, sizeof(a));
	*ret_len = sizeof(a);
	return t->has4;
}

static void update_clock(struct forward *f)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	f->now_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void listen_for(struct forward *f, uint32_t events)
{
	for (size_t i = 0; i < f->n_ports; i++) {
		struct epoll_event event = {.events = events, .data.ptr = &f->ports[i].watch};

		(void)epoll_ctl(f->epoll, EPOLL_CTL_MOD, f->ports[i].watch.fd, &event);
	}
}

/* The container ended, or its monitor: its ports are free from now on. */
static void control_ended(struct forward *f, struct forward_watch *w, uint32_t events)
{
	(void)events;
	close(w->fd);
	/* Events of this turn may still name them: -1, for the number may be another's by then. */
	for (size_t i = 0; i < f->n_ports; i++)
		close(take_fd(&f->ports[i].watch.fd));
	f->n_ports = 0;
	udp_end(f);
	f->ending = true;
	f->ending_since_ms = f->now_ms;
	tcp_end(f);
}

static int prepare(struct forward *f, const struct forward_order *o,
		   const struct forward_listener *listeners, struct err *e)
{
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (f->epoll < 0 || forward_watch(f, &f->control, EPOLLIN) < 0)
		return err_sys(e, "make a set of descriptors to wait for");
	f->ports = xcalloc(o->n_listeners, sizeof(*f->ports));
	for (; f->n_ports < o->n_listeners; f->n_ports++) {
		const struct forward_listener *l = &listeners[f->n_ports];
		struct forward_port *p = &f->ports[f->n_ports];

		*p = (struct forward_port){
		    {l->protocol == PORTMAP_UDP ? udp_receive : tcp_accept, l->fd},
		    l->port,
		    l->protocol,
		};
		if (forward_watch(f, &p->watch, EPOLLIN) < 0)
			return err_sys(e, "wait for clients of port %u", p->port);
	}
	return 0;
}

static int timeout(const struct forward *f)
{
	if (f->ready)
		return 0;
	if (f->accept_stops)
		return PAUSE_MS;
	if (f->ending)
		return (int)(f->ending_since_ms + ENDING_MS - f->now_ms);
	return udp_has_flows(f) ? EXPIRE_MS : -1;
}

static bool is_over(const struct forward *f)
{
	return f->ending && (!f->connections || f->now_ms - f->ending_since_ms >= ENDING_MS);
}

static void loop(struct forward *f)
{
	struct epoll_event events[EVENTS];
	bool paused = false;
	int n;

	while (!is_over(f)) {
		n = epoll_wait(f->epoll, events, EVENTS, timeout(f));
		update_clock(f);
		if (paused)
			listen_for(f, EPOLLIN);
		f->accept_stops = paused = false;
		for (int i = 0; i < n; i++) {
			struct forward_watch *w = events[i].data.ptr;

			w->ready(f, w, events[i].events);
		}
		tcp_go_on(f);
		tcp_free_closed(f);
		udp_expire(f);
		if (f->accept_stops) {
			listen_for(f, 0);
			paused = true;
		}
	}
}

int forward_run(const struct forward_order *o, const struct forward_listener *listeners,
		int control, const struct forward_room *room, struct err *e)
{
	struct forward f = {
	    .control = {control_ended, control},
	    .target = o->target,
	    .keep_source = o->keep_source,
	    .room = *room,
	    .pipes.most = room->pipes,
	};

	update_clock(&f);
	if (prepare(&f, o, listeners, e) < 0)
		return -1;
	shed_pages();
	loop(&f);
	return 0;
}
