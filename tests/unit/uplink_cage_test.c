/* SPDX-License-Identifier: Apache-2.0 */
/* rlc-net's own cage, entered by a child that then tries what it must not be able to do. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/sanitized.h"
#include "lib/kernel/cage.h"
#include "net/uplink_calls.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What the test itself needs is given before: descriptors, pids. */
static int outside = -1; /* a folder of the host */
static pid_t parent;

static long try_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}
static long try_open_beneath(void)
{
	return openat(outside, "passwd", O_RDONLY | O_CLOEXEC);
}
static long try_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}
static long try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}
static long try_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}
static long try_raw(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}
static long try_listen(void)
{
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}
static long try_exec(void)
{
	return execl("/bin/true", "true", NULL);
}
static long try_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}
static long try_kill(void)
{
	return kill(parent, 0);
}
/* A sanitizer's run time may map anything: allow.c lets it. */
#ifndef SANITIZED
static long try_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? -1 : 0;
}
static long try_make_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? -1 : mprotect(at, 4096, PROT_READ | PROT_EXEC);
}
#endif
static long try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}
static long try_namespace(void)
{
	return syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */);
}
static long try_duplicate(void)
{
	return fcntl(outside, F_DUPFD, 100);
}
static long try_terminal(void)
{
	return syscall(SYS_ioctl, outside, 0x5412 /* TIOCSTI */, "x");
}
static long try_uring(void)
{
	return syscall(425 /* io_uring_setup */, 1, NULL);
}

static const struct {
	const char *what;
	long (*run)(void);
} refused[] = {
    {"a file of the host", try_open},
    {"a file beneath a descriptor", try_open_beneath},
    {"a unix socket", try_unix},
    {"a netlink socket", try_netlink},
    {"a packet socket", try_packet},
    {"a raw socket", try_raw},
    {"a listening socket", try_listen},
    {"another program", try_exec},
    {"another process", try_fork},
    {"a signal", try_kill},
#ifndef SANITIZED
    {"executable memory", try_code},
    {"memory made executable", try_make_code},
#endif
    {"being dumpable again", try_dumpable},
    {"a user namespace", try_namespace},
    {"a copy of a descriptor", try_duplicate},
    {"typing into a terminal", try_terminal},
    {"io_uring", try_uring},
};

static long use_tcp(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}
static long use_udp6(void)
{
	return socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}
static long use_connect(void)
{
	const struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};

	return connect(socket(AF_INET, SOCK_DGRAM, 0), (const void *)&to, sizeof(to));
}
static long use_memory(void)
{
	auto_free void *large = malloc(1 << 20);

	return large ? 0 : -1;
}
static long use_nonblocking(void)
{
	return fcntl(socket(AF_INET, SOCK_STREAM, 0), F_SETFL, O_NONBLOCK);
}

static const struct {
	const char *what;
	long (*run)(void);
} granted[] = {
    {"a TCP socket", use_tcp},	 {"a UDP socket over IPv6", use_udp6}, {"to connect", use_connect},
    {"to allocate", use_memory}, {"not to block", use_nonblocking},
};

/* Bit n of the status: the n-th may be done. */
static void child(int report)
{
	const struct cage cage = {.name = "test", .allow = uplink_calls, .n_allow = n_uplink_calls};
	struct err e = {0};
	uint64_t done = 0;

	if (cage_enter(&cage, &e) < 0) {
		(void)!write(report, &e, sizeof(e));
		_exit(1);
	}
	for (size_t i = 0; i < array_len(refused); i++)
		if (refused[i].run() >= 0)
			done |= UINT64_C(1) << i;
	for (size_t i = 0; i < array_len(granted); i++)
		if (granted[i].run() >= 0)
			done |= UINT64_C(1) << (32 + i);
	(void)!write(report, &done, sizeof(done));
	_exit(0);
}

int main(void)
{
	int ends[2], status;
	union {
		struct err e;
		uint64_t done;
	} told = {0};
	ssize_t n;
	pid_t pid;

	parent = getpid();
	outside = open("/etc", O_PATH | O_CLOEXEC);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return 1;
	for (size_t i = 0; i < array_len(refused); i++)
		if (refused[i].run == try_open || refused[i].run == try_unix ||
		    refused[i].run == try_kill)
			ok(refused[i].run() >= 0, "outside: %s", refused[i].what);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		child(ends[1]);
	close(ends[1]);
	n = read(ends[0], &told, sizeof(told));
	waitpid(pid, &status, 0);
	if (n != sizeof(told.done)) {
		ok(false, "cage: %s", told.e.what);
		return tap_end();
	}
	for (size_t i = 0; i < array_len(refused); i++)
		ok(!(told.done & UINT64_C(1) << i), "refused: %s", refused[i].what);
	for (size_t i = 0; i < array_len(granted); i++)
		ok(told.done & UINT64_C(1) << (32 + i), "granted: %s", granted[i].what);
	return tap_end();
}
