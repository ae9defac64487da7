/* SPDX-License-Identifier: Apache-2.0 */
/* The launch's side of rlc-net; runs in the host process and in set-up. */
#include "cmd/launch/uplink.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/kernel/link.h"
#include "lib/kernel/spawn.h"
#include "lib/kernel/tap.h"
#include "lib/state/libexec.h"
#include "net/uplink_wire.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static const char DEVICE[] = "tap0";

/* What the new process reads while the host goes on: a copy that nobody changes. */
struct birth {
	int sock;
	const char *path;
	char *const *environment;
	char stack[SPAWN_STACK] __attribute__((aligned(16)));
};

/*
 * In the new process, which shares the host's memory: only system calls. It leaves the caller's
 * session, so that Ctrl-C, meant for the container, does not take its network first; and signals
 * stay blocked, for the same reason: it ends with the monitor.
 */
static int become_rlc_net(void *arg)
{
	const struct birth *b = arg;
	static const char *const argv[] = {"rlc-net", NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct err e;

	setsid();
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (chdir("/") == 0 && dup2(b->sock, UPLINK_FD) >= 0) {
		syscall(SYS_close_range, UPLINK_FD + 1, ~0U, 0);
		fcntl(UPLINK_FD, F_SETFD, 0);
		syscall(SYS_execve, b->path, argv, b->environment);
	}
	err_sys(&e, "run rlc-net");
	(void)send(UPLINK_FD, &e, sizeof(e),
		   MSG_NOSIGNAL); /* the monitor sees our end in any case */
	_exit(EXIT_LAUNCHER);
}

static int check_program(const char *path, struct err *e)
{
	if (access(path, X_OK) == 0)
		return 0;
	err_sys(e, "the container's network needs %s", path);
	return err_hint(e, "install rlc whole, or run without it: --network none, or --network "
			   "host");
}

static int send_config(int sock, const struct net_config *c, struct err *e)
{
	struct {
		char kind;
		struct net_config config;
	} __attribute__((packed)) message = {UPLINK_CONFIG, *c};

	if (send(sock, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		return err_sys(e, "configure rlc-net");
	return 0;
}

int uplink_start(const struct net_config *c, pid_t *ret_pid, struct err *e)
{
	auto_free char *path = libexec_path("rlc-net");
	auto_free struct birth *b = xcalloc(1, sizeof(*b));
	auto_fd int ours = -1, theirs = -1;
	int ends[2];

	if (check_program(path, e) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_sys(e, "make a socket to rlc-net");
	ours = ends[0];
	theirs = ends[1];
	if (send_config(ours, c, e) < 0)
		return -1;
	*b = (struct birth){.sock = theirs, .path = path, .environment = environ};
	*ret_pid = spawn_shared(become_rlc_net, b, b->stack, CLONE_VFORK, NULL);
	if (*ret_pid < 0)
		return err_sys(e, "start rlc-net");
	return take_fd(&ours);
}

int uplink_make_tap(const struct net_config *c, int sock, struct err *e)
{
	struct link_address addresses[2] = {{.is_ipv6 = false, .prefix = c->prefix},
					    {.is_ipv6 = true, .prefix = c->prefix6}};
	const struct link l = {
	    .name = DEVICE, .mtu = c->mtu, .addresses = addresses, .n_addresses = c->ipv6 ? 2 : 1};
	const char kind = UPLINK_TAP;
	auto_fd int tap = tap_open(DEVICE, e);

	memcpy(addresses[0].address, c->guest, sizeof(c->guest));
	memcpy(addresses[0].gateway, c->gateway, sizeof(c->gateway));
	memcpy(addresses[1].address, c->guest6, sizeof(c->guest6));
	memcpy(addresses[1].gateway, c->gateway6, sizeof(c->gateway6));
	if (tap < 0 || link_up(&l, e) < 0)
		return -1;
	/* A rlc-net that has ended already is the monitor's to tell: the container has no network
	 * then, but what it is to do may not need one. */
	if (fd_send(sock, &kind, sizeof(kind), tap) < 0 && errno != EPIPE && errno != ECONNRESET)
		return err_sys(e, "hand the network device to rlc-net");
	return 0;
}

void uplink_allow_ping(unsigned int last_gid)
{
	auto_fd int fd = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC);
	char text[24];

	snprintf(text, sizeof(text), "0 %u", last_gid);
	/* Where the host's /proc is read-only, programs that ping need CAP_NET_RAW. */
	if (fd >= 0)
		(void)fd_write_all(fd, text, strlen(text));
}
