/* SPDX-License-Identifier: Apache-2.0 */
/* Binding published ports; runs in rlc, before anything of the container exists. */
#include "net/listen.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/sysctl.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sys/socket.h>

enum { BACKLOG = 4096, FIRST_FD = 16 };

static const int on = 1, off = 0;

/* ---- errors ---- */

static int in_use(const struct portmap *m, struct err *e)
{
	struct port_holder holder;
	const struct passwd *user;
	char buf[INET6_ADDRSTRLEN];
	const char *protocol = portmap_protocol_name(m->protocol);

	err_msg(e, "port %u/%s of %s is in use", m->host, protocol, portmap_address(m, buf));
	e->sys = EADDRINUSE;
	if (!port_holder_find(m, &holder))
		return err_hint(e, "publish at another port: -p %u:%u",
				m->host < 65535 ? m->host + 1 : 8080, m->container);
	user = getpwuid(holder.uid);
	if (holder.pid)
		err_msg(e, "port %u/%s of %s is in use by %s (pid %d)", m->host, protocol,
			portmap_address(m, buf), holder.name, holder.pid);
	else
		err_msg(e, "port %u/%s of %s is in use by a program of %s", m->host, protocol,
			portmap_address(m, buf), user ? user->pw_name : "another user");
	e->sys = EADDRINUSE;
	return err_hint(e, "publish at another port, as in -p %u:%u, or end that program",
			m->host < 65535 ? m->host + 1 : 8080, m->container);
}

static int below_start(const struct portmap *m, struct err *e)
{
	int64_t start = 1024;

	(void)sysctl_read_i64("net/ipv4/ip_unprivileged_port_start", &start);
	err_msg(e, "port %u of the host is for root alone: users may have those from %lld on",
		m->host, (long long)start);
	return err_hint(e,
			"publish at another: -p %u:%u; or let all users have it: sudo sysctl "
			"net.ipv4.ip_unprivileged_port_start=%u",
			m->host < 1024 ? m->host + 8000 : 8080, m->container, m->host);
}

static int explain(const struct portmap *m, int sys, struct err *e)
{
	char buf[INET6_ADDRSTRLEN];

	errno = sys;
	err_sys(e, "listen on port %u/%s of %s", m->host, portmap_protocol_name(m->protocol),
		portmap_address(m, buf));
	switch (sys) {
	case EADDRINUSE:
		return in_use(m, e);
	case EACCES:
		return below_start(m, e);
	case EADDRNOTAVAIL:
		err_msg(e, "%s is no address of this host", portmap_address(m, buf));
		return err_hint(e, "`ip address` lists them; -p %u:%u listens on all", m->host,
				m->container);
	default:
		return -1;
	}
}

/* ---- sockets ---- */

/* Not handed to set-up's low numbers: the forwarder's program finds it under this one. */
static int open_socket(int family, enum portmap_protocol p)
{
	const int type = p == PORTMAP_TCP ? SOCK_STREAM : SOCK_DGRAM;
	auto_fd int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
}

/* What accepted connections inherit, and what answers need to leave by the right address. */
static void prepare(int fd, int family, bool both, enum portmap_protocol p)
{
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, both ? &off : &on, sizeof(on));
	if (p == PORTMAP_TCP) {
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		return;
	}
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
}

static socklen_t make_address(const struct portmap *m, int family, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(m->host)};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(m->host)};

	memcpy(&v6.sin6_addr, m->address, sizeof(v6.sin6_addr));
	memcpy(&v4.sin_addr, m->address, sizeof(v4.sin_addr));
	if (family == AF_INET6)
		memcpy(ret, &v6, sizeof(v6));
	else
		memcpy(ret, &v4, sizeof(v4));
	return family == AF_INET6 ? sizeof(v6) : sizeof(v4);
}

int listen_open(struct portmap *m, struct err *e)
{
	int family = m->family ? m->family : AF_INET6;
	auto_fd int fd = open_socket(family, m->protocol);
	struct sockaddr_storage at;
	socklen_t len;

	if (fd < 0 && m->family == 0 && errno == EAFNOSUPPORT) {
		family = AF_INET;
		fd = open_socket(family, m->protocol);
	}
	if (fd < 0)
		return explain(m, errno, e);
	prepare(fd, family, m->family == 0, m->protocol);
	len = make_address(m, family, &at);
	if (bind(fd, (struct sockaddr *)&at, len) < 0 ||
	    (m->protocol == PORTMAP_TCP && listen(fd, BACKLOG) < 0))
		return explain(m, errno, e);
	len = sizeof(at);
	if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		return err_sys(e, "ask for the port that was given");
	/* Both families keep it at the same place. */
	m->host = ntohs(((const struct sockaddr_in *)&at)->sin_port);
	return take_fd(&fd);
}
