/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of rlc-net: frames from tap0 are judged, then given to libslirp, and the contrary. */
#include "net/uplink.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "net/budget.h"
#include "net/dns.h"
#include "net/dns_tcp.h"
#include "net/filter.h"
#include "net/fragments.h"
#include "net/offload.h"
#include "net/refusal.h"
#include "net/time_wait.h"
#include "net/uplink_wire.h"

#include <linux/virtio_net.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/*
 * FRAMES_A_TURN: sockets wait for no more than these. LIBSLIRP_MTU: libslirp may make segments of
 * this size; between here and the container they cross in one piece (net/offload.h).
 */
enum { FRAMES_A_TURN = 64, LIBSLIRP_MTU = 65520, RESOLV_ASK_MS = 5000 };

/* Poll slots before those of DNS and libslirp. */
enum { SLOT_CONTROL, SLOT_TAP, N_FIXED };

struct uplink {
	struct filter_rules rules;
	Slirp *slirp;
	SlirpConfig slirp_config;
	struct sockaddr_in outbound;
	struct sockaddr_in6 outbound6;
	int control, tap; /* tap: -1 until it arrives */
	struct dns dns;
	struct dns_tcp dns_tcp;
	struct time_wait time_wait;
	struct fragments fragments;
	struct budget budget;
	int64_t resolv_asked; /* ms */
	struct pollfd *polled;
	size_t n_polled, room;
	bool owes; /* to a socket from which nothing more is read */
	bool tap_lost, closed;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ms(void)
{
	return now_ns() / 1000000;
}

/* ---- to the container ---- */

/* A full queue drops frames, as a cable would. */
static void write_tap(struct uplink *u, const struct iovec *parts, int n)
{
	if (u->tap >= 0 && writev(u->tap, parts, n) < 0 && errno == EBADFD)
		u->tap_lost = true;
}

static void send_plain(void *to, const uint8_t *bytes, size_t n)
{
	struct virtio_net_hdr h = {0};
	const struct iovec parts[] = {{&h, sizeof(h)}, {(void *)(uintptr_t)bytes, n}};

	write_tap(to, parts, array_len(parts));
}

/* libslirp's frame; it stays libslirp's, so what is changed is changed in a copy. */
static ssize_t from_slirp(const void *bytes, size_t n, void *opaque)
{
	uint8_t headers[OFFLOAD_HEADERS], *copy = NULL;
	struct uplink *u = opaque;
	struct virtio_net_hdr h = {0};
	struct iovec parts[3] = {{&h, sizeof(h)}, {(void *)(uintptr_t)bytes, n}};
	struct frame f;
	size_t split;

	if (!frame_parse((uint8_t *)(uintptr_t)bytes, n, &f)) {
		/* Neighbour discovery with an odd length, say: whole as it is. */
		write_tap(u, parts, 2);
		return (ssize_t)n;
	}
	time_wait_inward(&u->time_wait, &f);
	if (f.protocol == IPPROTO_TCP && dns_tcp_is_answer(&u->dns_tcp, &f)) {
		copy = xcalloc(1, n);
		memcpy(copy, bytes, n);
		(void)frame_parse(copy, n, &f); /* as before */
		dns_tcp_inward(&u->dns_tcp, &u->rules.net, &f);
	}
	split = offload_split(&f, u->rules.net.mtu, &h, headers);
	parts[1] = (struct iovec){f.bytes, n};
	if (split) {
		parts[1] = (struct iovec){headers, split};
		parts[2] = (struct iovec){f.bytes + split, n - split};
	}
	write_tap(u, parts, split ? 3 : 2);
	free(copy);
	return (ssize_t)n;
}

/* ---- from the container ---- */

/* Whoever waits for an answer need not wait any longer. */
static void refuse(struct uplink *u, const struct frame *f)
{
	uint8_t answer[REFUSAL_MAX];

	if (filter_is_told(&u->rules, f))
		send_plain(u, answer, refusal_make(&u->rules.net, f, answer));
}

static void take_frame(struct uplink *u, uint8_t *bytes, size_t n)
{
	struct virtio_net_hdr h;
	struct frame f;

	memcpy(&h, bytes, sizeof(h));
	if (!frame_parse(bytes + sizeof(h), n - sizeof(h), &f))
		return;
	if (f.fragment) {
		if (!fragments_add(&u->fragments, &f, now_ms(), &f))
			return;
		/* What a device leaves undone it leaves undone in whole packets alone. */
		h = (struct virtio_net_hdr){0};
	}
	switch (filter_judge(&u->rules, &f)) {
	case FILTER_DROP:
		refuse(u, &f);
		return;
	case FILTER_DNS:
		dns_ask(&u->dns, &f, now_ms());
		return;
	case FILTER_DNS_TCP:
		if (!offload_complete(&h, &f) ||
		    !dns_tcp_outward(&u->dns_tcp, &f, u->dns.servers, u->dns.n_servers))
			return;
		break;
	case FILTER_PASS:
		if (!offload_complete(&h, &f))
			return;
		if (f.protocol == IPPROTO_TCP)
			dns_tcp_forget(&u->dns_tcp, &f);
		break;
	}
	/* What there is goes on: only so may something be freed. A new one is repeated until then.
	 */
	if (frame_is_syn(&f) && u->budget.full)
		return;
	if (frame_is_syn(&f))
		offload_raise_mss(&f, LIBSLIRP_MTU - FRAME_IPV6 - FRAME_TCP);
	time_wait_outward(&u->time_wait, &f);
	slirp_input(u->slirp, f.bytes, (int)f.size);
}

/* Ended connections whose every byte arrived are not kept. */
static void end_time_wait(struct uplink *u)
{
	uint8_t frame[TIME_WAIT_RESET];
	size_t n;

	while (!u->owes && (n = time_wait_reset(&u->time_wait, frame)) > 0)
		slirp_input(u->slirp, frame, (int)n);
}

static void read_tap(struct uplink *u)
{
	/* Pages of it that no frame reaches are never touched. */
	static uint8_t bytes[sizeof(struct virtio_net_hdr) + FRAME_MAX];

	for (int i = 0; i < FRAMES_A_TURN; i++) {
		ssize_t n = read(u->tap, bytes, sizeof(bytes));

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			u->tap_lost = true;
		if (n < (ssize_t)sizeof(struct virtio_net_hdr))
			return;
		take_frame(u, bytes, (size_t)n);
	}
}

/* ---- what libslirp asks of us ---- */

static void guest_error(const char *text, void *opaque)
{
	(void)text; /* the container's mistakes are its own */
	(void)opaque;
}

static int64_t clock_ns(void *opaque)
{
	(void)opaque;
	return now_ns();
}

/*
 * The one timer libslirp has sends router advertisements. The container's addresses and routes were
 * set before it began, so there are none, and an idle rlc-net never wakes.
 */
static void *timer_new(SlirpTimerCb run, void *arg, void *opaque)
{
	(void)run;
	(void)arg;
	return opaque;
}

static void timer_free(void *timer, void *opaque)
{
	(void)timer;
	(void)opaque;
}

static void timer_set(void *timer, int64_t at_ms, void *opaque)
{
	(void)timer;
	(void)at_ms;
	(void)opaque;
}

/* All sockets are gathered anew before each poll. */
static void note_socket(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

static void wake(void *opaque)
{
	(void)opaque; /* there is one thread, and it is awake */
}

static const SlirpCb callbacks = {
    .send_packet = from_slirp,
    .guest_error = guest_error,
    .clock_get_ns = clock_ns,
    .timer_new = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_set,
    .register_poll_fd = note_socket,
    .unregister_poll_fd = note_socket,
    .notify = wake,
};

/* ---- the loop ---- */

static struct pollfd *add_poll(struct uplink *u, size_t n)
{
	if (u->n_polled + n > u->room) {
		u->room = 2 * u->room + n;
		u->polled = xreallocarray(u->polled, u->room, sizeof(*u->polled));
	}
	u->n_polled += n;
	return &u->polled[u->n_polled - n];
}

static const struct {
	int slirp;
	short poll;
} events[] = {
    {SLIRP_POLL_IN, POLLIN},   {SLIRP_POLL_OUT, POLLOUT}, {SLIRP_POLL_PRI, POLLPRI},
    {SLIRP_POLL_ERR, POLLERR}, {SLIRP_POLL_HUP, POLLHUP},
};

static bool is_connecting(int fd)
{
	uint8_t state; /* tcp_info's first byte */
	socklen_t n = sizeof(state);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &n) == 0 && state == TCP_SYN_SENT;
}

/*
 * libslirp waits to write to a socket from which it reads no more: that is its connection in the
 * making, or the rest of one that the container may already have closed.
 */
static bool is_owed(int fd, int wanted)
{
	return (wanted & (SLIRP_POLL_OUT | SLIRP_POLL_IN)) == SLIRP_POLL_OUT && !is_connecting(fd);
}

static int add_socket(int fd, int wanted, void *opaque)
{
	struct uplink *u = opaque;
	struct pollfd *p = add_poll(u, 1);

	if (u->time_wait.n_over && !u->owes)
		u->owes = is_owed(fd, wanted);
	*p = (struct pollfd){.fd = fd};
	for (size_t i = 0; i < array_len(events); i++)
		if (wanted & events[i].slirp)
			p->events |= events[i].poll;
	return (int)(p - u->polled);
}

static int get_events(int index, void *opaque)
{
	const struct uplink *u = opaque;
	int got = 0;

	for (size_t i = 0; i < array_len(events); i++)
		if (u->polled[index].revents & events[i].poll)
			got |= events[i].slirp;
	return got;
}

static void take_resolv(struct uplink *u, const char *text, size_t n)
{
	/* Nothing to read is no news: the file is being replaced. */
	if (n)
		dns_set_servers(&u->dns, text, n);
}

static int take_message(struct uplink *u, struct err *e)
{
	char bytes[UPLINK_TEXT_MAX];
	auto_fd int fd = -1;
	ssize_t n = fd_recv(u->control, bytes, sizeof(bytes), &fd);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return err_sys(e, "read from the launcher");
	if (n == 0)
		u->closed = true;
	if (n <= 0)
		return 0;
	if (bytes[0] == UPLINK_TAP && fd >= 0 && u->tap < 0)
		u->tap = take_fd(&fd);
	else if (bytes[0] == UPLINK_RESOLV)
		take_resolv(u, bytes + 1, (size_t)n - 1);
	return 0;
}

/*
 * The host's name servers change when its network does. We cannot see its files: the monitor is
 * asked, when there are questions, and not often.
 */
static void follow_resolv(struct uplink *u, int64_t now)
{
	char ask = UPLINK_RESOLV;

	if (!u->dns.n_pending && !u->dns.troubled)
		return;
	if (now - u->resolv_asked < (u->dns.troubled ? RESOLV_ASK_MS / 5 : RESOLV_ASK_MS))
		return;
	u->resolv_asked = now;
	u->dns.troubled = false;
	(void)send(u->control, &ask, 1, MSG_DONTWAIT | MSG_NOSIGNAL); /* busy: next time */
}

/*
 * How long may be slept, in ms. libslirp sets no more than a second even when it holds no
 * connection and nothing can happen; then it is for good.
 */
static int sleep_time(const struct uplink *u, uint32_t slirp_ms)
{
	enum { LIBSLIRP_IDLE = 1000 };
	int64_t deadline = dns_deadline(&u->dns), left;
	int ms = slirp_ms >= LIBSLIRP_IDLE ? -1 : (int)slirp_ms;

	if (deadline == INT64_MAX)
		return ms;
	left = deadline - now_ms();
	left = left < 0 ? 0 : left;
	return ms < 0 || left < ms ? (int)left : ms;
}

static int turn(struct uplink *u, struct err *e)
{
	uint32_t slirp_ms = UINT32_MAX;
	size_t n_dns;
	int n;

	if (budget_look(&u->budget, e) < 0)
		return -1;
	u->n_polled = 0;
	(void)add_poll(u, N_FIXED + DNS_PENDING);
	u->polled[SLOT_CONTROL] = (struct pollfd){.fd = u->control, .events = POLLIN};
	u->polled[SLOT_TAP] = (struct pollfd){.fd = u->tap, .events = POLLIN};
	n_dns = dns_poll(&u->dns, u->polled + N_FIXED);
	u->n_polled = N_FIXED + n_dns;
	u->owes = false;
	slirp_pollfds_fill(u->slirp, &slirp_ms, add_socket, u);
	end_time_wait(u);
	n = poll(u->polled, u->n_polled, sleep_time(u, slirp_ms));
	if (n < 0 && errno != EINTR)
		return err_sys(e, "wait for frames");
	if (n > 0 && u->polled[SLOT_CONTROL].revents && take_message(u, e) < 0)
		return -1;
	if (n >= 0)
		dns_work(&u->dns, u->polled + N_FIXED, n_dns, now_ms());
	if (n > 0 && u->polled[SLOT_TAP].revents)
		read_tap(u);
	/* Now, while the question just read is pending: a near server answers within a turn. */
	follow_resolv(u, now_ms());
	slirp_pollfds_poll(u->slirp, n < 0, get_events, u);
	return u->tap_lost ? err_msg(e, "the container's network device tap0 is gone") : 0;
}

int uplink_serve(struct uplink *u, struct err *e)
{
	while (!u->closed)
		if (turn(u, e) < 0)
			return -1;
	return 0;
}

static void configure(struct uplink *u)
{
	const struct net_config *c = &u->rules.net;
	SlirpConfig *s = &u->slirp_config;
	uint32_t mask = htonl(UINT32_MAX << (32 - c->prefix));

	*s = (SlirpConfig){
	    .version = 4,
	    .in_enabled = true,
	    .in6_enabled = c->ipv6,
	    .vprefix_len = c->prefix6,
	    .if_mtu = LIBSLIRP_MTU,
	    .if_mru = LIBSLIRP_MTU,
	    .disable_host_loopback = !c->host_loopback,
	    .disable_dns = true, /* ours follows resolv.conf and asks more than one server */
	    .disable_dhcp = true,
	};
	memcpy(&s->vnetwork, c->network, sizeof(s->vnetwork));
	memcpy(&s->vnetmask, &mask, sizeof(s->vnetmask));
	memcpy(&s->vhost, c->gateway, sizeof(s->vhost));
	memcpy(&s->vdhcp_start, c->guest, sizeof(s->vdhcp_start));
	memcpy(&s->vnameserver, c->dns, sizeof(s->vnameserver));
	memcpy(&s->vprefix_addr6, c->network6, sizeof(s->vprefix_addr6));
	memcpy(&s->vhost6, c->gateway6, sizeof(s->vhost6));
	memcpy(&s->vnameserver6, c->dns6, sizeof(s->vnameserver6));
	u->outbound.sin_family = AF_INET;
	memcpy(&u->outbound.sin_addr, c->outbound, sizeof(u->outbound.sin_addr));
	u->outbound6.sin6_family = AF_INET6;
	memcpy(&u->outbound6.sin6_addr, c->outbound6, sizeof(u->outbound6.sin6_addr));
	s->outbound_addr = c->has_outbound ? &u->outbound : NULL;
	s->outbound_addr6 = c->has_outbound6 ? &u->outbound6 : NULL;
}

/* net.ipv4.ping_group_range; asked in vain, libslirp would send UDP to port 7 in its place. */
static bool may_ping(void)
{
	auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

	return fd >= 0;
}

struct uplink *uplink_new(const struct net_config *c, const char *resolv, uint64_t memory,
			  int control, struct err *e)
{
	auto_free struct uplink *u = xcalloc(1, sizeof(*u));

	if (budget_open(&u->budget, memory, e) < 0)
		return NULL;
	u->rules = (struct filter_rules){.net = *c, .ping = may_ping()};
	u->control = control;
	u->tap = -1;
	u->dns.send = send_plain;
	u->dns.to = u;
	u->dns.net = &u->rules.net;
	dns_set_servers(&u->dns, resolv, strlen(resolv));
	configure(u);
	u->slirp = slirp_new(&u->slirp_config, &callbacks, u);
	if (u->slirp)
		return take_ptr(u);
	(void)err_msg(e, "libslirp refuses the configuration");
	return NULL;
}
