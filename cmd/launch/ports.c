/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners and the start of their forwarder; runs in the host. */
#include "cmd/launch/ports.h"

#include "cmd/launch/live.h"
#include "cmd/launch/monitor_helper.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/spawn.h"
#include "lib/state/libexec.h"
#include "net/forward_order.h"
#include "net/forward_room.h"
#include "net/listen.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { FIRST_FD = 16, FORWARDER_END_MS = 3000 };

bool ports_wanted(const struct live *l)
{
	return l->plan->ports.n != 0;
}

/* Whether what one published keeps the other from its port. */
static bool is_in_the_way(const struct portmap *has, const struct portmap *wants)
{
	return has->host == wants->host && has->protocol == wants->protocol &&
	       (!has->family || !wants->family ||
		(has->family == wants->family &&
		 memcmp(has->address, wants->address, sizeof(has->address)) == 0));
}

static bool publishes(const struct record *r, const struct portmap *m)
{
	for (size_t i = 0; i < r->ports.n; i++) {
		auto_portmaps struct portmaps one = {0};
		struct err ignored;

		if (portmap_parse(r->ports.v[i], &one, &ignored) == 0 &&
		    is_in_the_way(&one.v[0], m))
			return true;
	}
	return false;
}

/* Another container's forwarder is called by its container's name, also while that one starts. */
static bool name_container(const struct live *l, const struct portmap *m, struct err *e)
{
	auto_strv struct strv ids = {0};
	struct err ignored;
	bool found = false;

	if (record_list(l->dirs, &ids, &ignored) < 0)
		return false;
	for (size_t i = 0; i < ids.n && !found; i++) {
		struct record r = {0};
		struct record_state s;

		if (record_load(l->dirs, ids.v[i], &r, &s, &ignored) < 0)
			continue;
		found = s.status != STATUS_EXITED && publishes(&r, m);
		if (found) {
			err_msg(e, "port %u/%s of the host is in use by the container %s", m->host,
				portmap_protocol_name(m->protocol), r.name);
			err_hint(e, "publish at another port, or end that one: rlc rm -f %s",
				 r.name);
		}
		record_free(&r);
	}
	return found;
}

/*
 * A container that is just starting has its ports a moment before its record, and rlc itself holds
 * them then: that moment is waited for.
 */
static void explain_holder(const struct live *l, const struct portmap *m, struct err *e)
{
	enum { TRIES = 100, PAUSE_US = 50000 };
	struct port_holder holder;

	for (int i = 0; e->sys == EADDRINUSE && i < TRIES; i++) {
		if (name_container(l, m, e) || !port_holder_find(m, &holder) ||
		    strcmp(holder.name, "rlc") != 0)
			return;
		usleep(PAUSE_US);
	}
}

/* The forwarder could not tell it before the container runs. */
static int check_room(const struct portmaps *asked, struct err *e)
{
	struct forward_room ignored;
	struct rlimit files;
	size_t n_udp = 0;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(e, "read the limit of descriptors");
	for (size_t i = 0; i < asked->n; i++)
		n_udp += asked->v[i].protocol == PORTMAP_UDP;
	return forward_room(files.rlim_max, asked->n, n_udp, &ignored, e);
}

int ports_listen(struct live *l, struct err *e)
{
	const struct portmaps *asked = &l->plan->ports;

	if (check_room(asked, e) < 0)
		return -1;
	l->ports.v = xreallocarray(NULL, asked->n, sizeof(*asked->v));
	memcpy(l->ports.v, asked->v, asked->n * sizeof(*asked->v));
	l->listeners = xcalloc(asked->n, sizeof(*l->listeners));
	for (; l->ports.n < asked->n; l->ports.n++) {
		struct portmap *m = &l->ports.v[l->ports.n];
		const int fd = listen_open(m, e);

		if (fd < 0) {
			explain_holder(l, m, e);
			ports_unlisten(l);
			return -1;
		}
		l->listeners[l->ports.n] = fd;
	}
	return 0;
}

void ports_unlisten(struct live *l)
{
	for (size_t i = 0; l->listeners && i < l->ports.n; i++)
		close(l->listeners[i]);
	free(take_ptr(l->listeners));
	portmaps_free(&l->ports);
}

/* What the new process reads while we go on. */
struct birth {
	const struct live *live;
	int program, control, user_ns, net_ns;
	char stack[SPAWN_STACK] __attribute__((aligned(16)));
};

/* Only system calls: it shares our memory. Never returns. */
static int become_forwarder(void *arg)
{
	static const char *const argv[] = {"rlc-ports", NULL}, *const env[] = {NULL};
	const struct birth *b = arg;
	/* First out of the way of what gets a fixed number. */
	const int program = fcntl(b->program, F_DUPFD_CLOEXEC, FIRST_FD);
	const int control = fcntl(b->control, F_DUPFD_CLOEXEC, FIRST_FD);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct err e;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			_exit(EXIT_LAUNCHER);
	if (dup2(control, FORWARD_CONTROL) < 0)
		_exit(EXIT_LAUNCHER);
	fcntl(b->user_ns, F_SETFD, 0);
	fcntl(b->net_ns, F_SETFD, 0);
	for (size_t i = 0; i < b->live->ports.n; i++)
		fcntl(b->live->listeners[i], F_SETFD, 0);
	syscall(SYS_execveat, program, "", argv, env, AT_EMPTY_PATH);
	err_sys(&e, "run rlc-ports");
	(void)!write(FORWARD_CONTROL, &e, sizeof(e));
	_exit(EXIT_LAUNCHER);
}

static int open_namespace(const struct live *l, const char *kind, struct err *e)
{
	auto_free char *path = xasprintf("/proc/%d/ns/%s", l->setup, kind);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	const int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);

	return high < 0 ? err_sys(e, "open the container's %s namespace", kind) : high;
}

static struct forward_target target_of(const struct net_config *net)
{
	struct forward_target t = {.has4 = true, .has6 = net->ipv6};

	memcpy(t.address4, net->guest, sizeof(t.address4));
	memcpy(t.address6, net->guest6, sizeof(t.address6));
	return t;
}

static int send_order(const struct live *l, const struct birth *b, int to, struct err *e)
{
	const struct forward_order order = {
	    .magic = FORWARD_MAGIC,
	    .n_listeners = (uint32_t)l->ports.n,
	    .user_ns = b->user_ns,
	    .net_ns = b->net_ns,
	    .keep_source = true,
	    .target = target_of(&l->plan->net),
	};
	auto_free struct forward_listener *list = xcalloc(l->ports.n, sizeof(*list));
	struct iovec parts[] = {{(void *)(uintptr_t)&order, sizeof(order)},
				{list, l->ports.n * sizeof(*list)}};
	const struct msghdr m = {.msg_iov = parts, .msg_iovlen = array_len(parts)};

	for (size_t i = 0; i < l->ports.n; i++)
		list[i] = (struct forward_listener){
		    .fd = l->listeners[i],
		    .port = l->ports.v[i].container,
		    .protocol = (uint8_t)l->ports.v[i].protocol,
		};
	if (sendmsg(to, &m, MSG_NOSIGNAL) < 0)
		return err_sys(e, "send the forwarder of ports its order");
	return 0;
}

/* What it says when it could not even begin; nothing while all is well. */
static int read_refusal(int control, struct err *e)
{
	struct err told;

	if (!monitor_helper_reason(control, &told))
		return 0;
	*e = told;
	return -1;
}

int ports_start(struct live *l, struct err *e)
{
	auto_fd int program = libexec_open("rlc-ports", e);
	auto_fd int user_ns = open_namespace(l, "user", e), net_ns = open_namespace(l, "net", e);
	auto_fd int inner = -1, outer = -1;
	auto_free struct birth *b = xcalloc(1, sizeof(*b));
	int ends[2];

	if (program < 0 || user_ns < 0 || net_ns < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_sys(e, "make a socket to the forwarder of ports");
	outer = ends[0];
	inner = ends[1];
	*b = (struct birth){l, program, inner, user_ns, net_ns, {0}};
	if (send_order(l, b, outer, e) < 0)
		return -1;
	/* Until its exec, which is what set-up takes longer than: b may go then. */
	l->forwarder = spawn_shared(become_forwarder, b, b->stack, CLONE_VFORK, NULL);
	if (l->forwarder < 0) {
		l->forwarder = 0;
		return err_sys(e, "start the forwarder of ports");
	}
	l->forwarder_control = take_fd(&outer);
	if (read_refusal(l->forwarder_control, e) < 0) {
		ports_stop(l);
		return -1;
	}
	for (size_t i = 0; i < l->ports.n; i++)
		close(l->listeners[i]);
	free(take_ptr(l->listeners));
	return 0;
}

void ports_stop(struct live *l)
{
	if (l->forwarder_control >= 0)
		close(take_fd(&l->forwarder_control));
	if (l->forwarder > 0)
		spawn_end(l->forwarder, FORWARDER_END_MS);
	l->forwarder = 0;
}
