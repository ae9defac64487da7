/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rlc-ports: forwards the published ports of one container, as long as that runs. Its listeners
 * were bound by rlc in the host's network namespace; it joins the container's, where it connects,
 * and cages itself before the first client is heard.
 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/launch/stage.h"
#include "net/forward.h"
#include "net/forward_cage.h"
#include "net/portmap.h"
#include "net/source_route.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

struct live {
	struct forward_order order;
	struct forward_listener listeners[PORTMAP_MAX];
	struct forward_room room;
};

/*
 * Should: end with the monitor, be out of reach of its terminal's signals. Mustn't: keep the
 * signal mask it was started with.
 */
static int enter(struct live *l, struct err *e)
{
	sigset_t none;

	(void)l;
	(void)e;
	/* Executed by descriptor it would be called by that number. */
	(void)prctl(PR_SET_NAME, "rlc-ports", 0, 0, 0);
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN); /* splice(2) knows no MSG_NOSIGNAL */
	return 0;
}

/* Mustn't: keep a descriptor that the order does not name. */
static int read_order(struct live *l, struct err *e)
{
	int keep[PORTMAP_MAX + 3] = {FORWARD_CONTROL};
	struct iovec parts[] = {{&l->order, sizeof(l->order)},
				{l->listeners, sizeof(l->listeners)}};
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = array_len(parts)};
	const ssize_t n = recvmsg(FORWARD_CONTROL, &m, MSG_CMSG_CLOEXEC);
	size_t kept = 1;

	if (n < (ssize_t)sizeof(l->order) || l->order.magic != FORWARD_MAGIC ||
	    l->order.n_listeners > PORTMAP_MAX ||
	    (size_t)n != sizeof(l->order) + l->order.n_listeners * sizeof(l->listeners[0]))
		return err_msg(e, "no order came: rlc-ports is started by rlc");
	keep[kept++] = l->order.user_ns;
	keep[kept++] = l->order.net_ns;
	for (size_t i = 0; i < l->order.n_listeners; i++)
		keep[kept++] = l->listeners[i].fd;
	fd_close_all_but(STDERR_FILENO + 1, keep, kept);
	return 0;
}

static int join(struct live *l, struct err *e)
{
	if (setns(l->order.user_ns, CLONE_NEWUSER) < 0 || setns(l->order.net_ns, CLONE_NEWNET) < 0)
		return err_sys(e, "join the container's network");
	close(l->order.user_ns);
	close(l->order.net_ns);
	/* Raw calls: this process has one thread. With a single id, groups cannot be given up. */
	(void)!syscall(SYS_setgroups, 0, NULL);
	if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0)
		return err_sys(e, "become root of the container's user namespace");
	return 0;
}

/* Where the kernel cannot, clients appear as the container itself: no reason to refuse them. */
static int prepare_network(struct live *l, struct err *e)
{
	struct err ignored;

	(void)e;
	source_route_unpaced();
	if (l->order.keep_source && source_route_add(&l->order.target, &ignored) < 0)
		l->order.keep_source = false;
	return 0;
}

static int cage(struct live *l, struct err *e)
{
	struct rlimit files = {0};
	size_t n_udp = 0;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(e, "read the limit of descriptors");
	for (size_t i = 0; i < l->order.n_listeners; i++)
		n_udp += l->listeners[i].protocol == PORTMAP_UDP;
	if (forward_room(files.rlim_max, l->order.n_listeners, n_udp, &l->room, e) < 0)
		return -1;
	/* Here, since a change of ids or namespaces takes it back. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return forward_cage_enter(l->order.keep_source, e);
}

static int forward(struct live *l, struct err *e)
{
	return forward_run(&l->order, l->listeners, FORWARD_CONTROL, &l->room, e);
}

static const struct stage stages[] = {
    {"enter", NULL, enter, NULL},
    {"order", NULL, read_order, NULL},
    {"join", NULL, join, NULL},
    {"network", NULL, prepare_network, NULL},
    {"cage", NULL, cage, NULL},
    {"forward", NULL, forward, NULL},
    {0},
};

int main(void)
{
	static struct live l;
	struct err e = {0};

	if (stages_run(stages, &l, &e) == 0)
		return 0;
	(void)!write(FORWARD_CONTROL, &e, sizeof(e)); /* the monitor sees our end in any case */
	return e.exit;
}
