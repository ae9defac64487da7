/* SPDX-License-Identifier: Apache-2.0 */
/* The cage of rlc-ports, tried from inside: what is refused, and that its work is not. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "net/forward_cage.h"
#include "net/forward_order.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Each answers whether all is as it should be. */

static bool no_files(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && open("/", O_PATH | O_CLOEXEC) < 0 &&
	       open("/proc/self/status", O_RDONLY | O_CLOEXEC) < 0;
}

static bool no_unix(void)
{
	int ends[2];

	return socket(AF_UNIX, SOCK_STREAM, 0) < 0 && socket(AF_NETLINK, SOCK_RAW, 0) < 0 &&
	       socket(AF_PACKET, SOCK_RAW, 0) < 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0;
}

static bool no_raw(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0 &&
	       socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6) < 0;
}

static bool no_exec(void)
{
	char *const argv[] = {(char *)(uintptr_t) "true", NULL};

	return execve("/bin/true", argv, argv + 1) < 0 &&
	       syscall(SYS_execveat, 5, "", argv, argv + 1, AT_EMPTY_PATH) < 0;
}

static bool no_children(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 && syscall(SYS_clone3, NULL, 0) < 0;
}

static bool no_namespaces(void)
{
	return unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER) < 0 && setns(5, 0) < 0;
}

static bool no_signals(void)
{
	return kill(getppid(), 0) < 0 && syscall(SYS_ptrace, 0, 0, 0, 0) < 0 &&
	       syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0) < 0;
}

static bool no_code(void)
{
	return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == -1;
}

static bool no_foreign_write(void)
{
	return write(STDOUT_FILENO, "", 1) < 0;
}

/* A connection over loopback of the new namespace, spliced. */
static bool forwards(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct epoll_event event = {.events = EPOLLIN};
	const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int s = socket(AF_INET, type, 0), set = epoll_create1(EPOLL_CLOEXEC), ends[2];

	return s >= 0 && set >= 0 && bind(s, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	       epoll_ctl(set, EPOLL_CTL_ADD, s, &event) == 0 &&
	       pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0 &&
	       fcntl(ends[0], F_SETPIPE_SZ, 1 << 16) > 0 && close(s) == 0 &&
	       socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) >= 0;
}

static bool keeps_sources(void)
{
	const int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	return setsockopt(s, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof(on)) == 0;
}

static const struct {
	bool (*is_so)(void);
	const char *what;
} rows[] = {
    {no_files, "no file opens"},
    {no_unix, "no unix, netlink or packet socket"},
    {no_raw, "no raw socket, whatever the capability"},
    {no_exec, "no program is executed"},
    {no_children, "no process is made"},
    {no_namespaces, "no namespace is made or joined"},
    {no_signals, "no other process is touched"},
    {no_code, "no memory becomes code"},
    {no_foreign_write, "nothing is written but where it reports"},
    {forwards, "what forwarding needs works"},
    {keeps_sources, "and clients' addresses can be kept"},
};

static void __attribute__((noreturn)) try_all(int report)
{
	bool answers[array_len(rows)] = {false};
	struct err e;

	/* Its report goes where rlc-ports has its own. */
	if (dup2(report, FORWARD_CONTROL) < 0 || !namespace_enter(CLONE_NEWNET) ||
	    forward_cage_enter(true, &e) < 0)
		_exit(1);
	for (size_t i = 0; i < array_len(rows); i++)
		answers[i] = rows[i].is_so();
	_exit(write(FORWARD_CONTROL, answers, sizeof(answers)) != sizeof(answers));
}

int main(void)
{
	bool answers[array_len(rows)] = {false};
	int ends[2], status = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return 1;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		try_all(ends[1]);
	close(ends[1]);
	ok(fd_read_full(ends[0], answers, sizeof(answers)) == sizeof(answers), "it is entered");
	ok(waitpid(pid, &status, 0) == pid && status == 0, "and left in order");
	for (size_t i = 0; i < array_len(rows); i++)
		ok(answers[i], "%s", rows[i].what);
	return tap_end();
}
