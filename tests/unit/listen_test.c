/* SPDX-License-Identifier: Apache-2.0 */
/* Binding published ports, and who is in the way. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "net/listen.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct portmap port(const char *text)
{
	auto_portmaps struct portmaps list = {0};
	struct err e;

	return portmap_parse(text, &list, &e) == 0 ? list.v[0] : (struct portmap){0};
}

static int family_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof(a);

	return getsockname(fd, (struct sockaddr *)&a, &n) < 0 ? -1 : a.ss_family;
}

static int option_of(int fd, int level, int name)
{
	int value = -1;
	socklen_t n = sizeof(value);

	return getsockopt(fd, level, name, &value, &n) < 0 ? -1 : value;
}

static void test_families(void)
{
	struct portmap every = port("80"), one = port("127.0.0.1::80"), six = port("[::1]::80");
	struct err e = {0};
	auto_fd int a = listen_open(&every, &e), b = listen_open(&one, &e),
		    c = listen_open(&six, &e);

	ok(a >= 16 && every.host && family_of(a) == AF_INET6 &&
	       option_of(a, IPPROTO_IPV6, IPV6_V6ONLY) == 0,
	   "without an address, one socket for both families (port %u)", every.host);
	ok(b >= 16 && one.host && family_of(b) == AF_INET, "an IPv4 address is alone");
	ok(c >= 16 && family_of(c) == AF_INET6 && option_of(c, IPPROTO_IPV6, IPV6_V6ONLY) == 1,
	   "an IPv6 address is too");
	ok(option_of(a, SOL_SOCKET, SO_ACCEPTCONN) == 1 && (fcntl(a, F_GETFD) & FD_CLOEXEC) &&
	       (fcntl(a, F_GETFL) & O_NONBLOCK),
	   "it listens, without ever waiting, and not in other programs");
}

static void test_in_use(void)
{
	struct portmap first = port("80"), again, udp;
	struct err e = {0};
	auto_fd int a = listen_open(&first, &e), b = -1, c = -1;
	char self[64];

	again = first;
	again.family = AF_INET;
	ok(a >= 0 && listen_open(&again, &e) < 0 && e.sys == EADDRINUSE, "a port is there once: %s",
	   e.what);
	snprintf(self, sizeof(self), "by listen_test (pid %d)", getpid());
	ok(strstr(e.what, self) && strstr(e.hint, "another port"), "who has it is told");
	udp = first;
	udp.protocol = PORTMAP_UDP;
	b = listen_open(&udp, &e);
	ok(b >= 0, "UDP has its own");
	c = listen_open(&udp, &e);
	ok(c < 0 && strstr(e.what, self), "and its holder is told as well: %s", e.what);
}

static void test_refused(void)
{
	struct portmap far = port("192.0.2.1:8080:80"), low = port("127.0.0.1:1:80");
	struct err e = {0};

	ok(listen_open(&far, &e) < 0 && strstr(e.what, "192.0.2.1 is no address of this host") &&
	       strstr(e.hint, "ip address"),
	   "a foreign address: %s", e.what);
	if (!namespace_enter(0) || setuid(0) < 0) {
		printf("ok %d # SKIP no user namespaces here\n", ++tap_n);
		return;
	}
	/* Root of a user namespace is nobody in the host's network. */
	ok(listen_open(&low, &e) < 0 && strstr(e.what, "port 1 of the host") &&
	       strstr(e.hint, "sysctl net.ipv4.ip_unprivileged_port_start=1"),
	   "a port of root's: %s", e.what);
}

static const struct {
	const char *line;
	bool good;
} lines[] = {
    {"  0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
     "4711 1 0000000000000000 100 0 0 10 0",
     true},
    {" 12: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A "
     "00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0",
     true},
    {"  0: 0100007F00:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 "
     "4711 1 0 100 0 0 10 0",
     false},
    {"  0: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000  1000        0 "
     "4711 1 0 100 0 0 10 0",
     false},
    {"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
     "inode",
     false},
    {"", false},
};

static void test_lines(void)
{
	struct port_line l = {0};
	char line[128];

	for (size_t i = 0; i < array_len(lines); i++) {
		bool got = port_line_parse(lines[i].line, PORTMAP_TCP, &l);

		ok(got == lines[i].good &&
		       (!got || (l.port == 8080 && l.uid == 1000 && l.inode == 4711)),
		   "line %zu of /proc/net/tcp", i);
	}
	/* The kernel prints addresses as numbers of this machine. */
	snprintf(line, sizeof(line), " 0: %08X:1F90 00000000:0000 0A 0:0 00:0 0 1000 0 4711 1",
		 htonl(INADDR_LOOPBACK));
	ok(port_line_parse(line, PORTMAP_TCP, &l) && l.family == AF_INET &&
	       memcmp(l.address, "\x7f\0\0\1", 5) == 0,
	   "an address of IPv4");
	snprintf(line, sizeof(line),
		 " 0: 0000000000000000%08X%08X:1F90 0:0 0A 0:0 00:0 0 1000 0 4711 1", htonl(0xffff),
		 htonl(1));
	ok(port_line_parse(line, PORTMAP_TCP, &l) && l.family == AF_INET6 &&
	       memcmp(l.address + 8, "\0\0\xff\xff\0\0\0\1", 8) == 0,
	   "an address of IPv6");
}

int main(void)
{
	test_families();
	test_in_use();
	test_lines();
	test_refused();
	return tap_end();
}
