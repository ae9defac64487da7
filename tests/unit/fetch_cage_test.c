/* SPDX-License-Identifier: Apache-2.0 */
/* The very cage of rlc-fetch, tried from inside: what it must not, and what it must still do. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/sanitized.h"
#include "storage/fetch_cage.h"
#include "storage/trust.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

static int parent;

static int opens(const char *path, int flags)
{
	auto_fd int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? errno : 0;
}

static void test_files(void)
{
	char home[256];

	snprintf(home, sizeof(home), "%s/.profile", getenv("HOME") ? getenv("HOME") : "/root");
	ok(opens("/etc/passwd", O_RDONLY) == ENOENT && opens(home, O_RDONLY) == ENOENT &&
	       opens("/proc/self/environ", O_RDONLY) == ENOENT &&
	       opens("../../../../etc/passwd", O_RDONLY) == ENOENT,
	   "no file of the host or the user");
	ok(opens(FETCH_CAGE_AUTHORITIES, O_RDONLY) == 0 && opens("/etc/hosts", O_RDONLY) == 0,
	   "its own can be read");
	ok(opens("/etc/hosts", O_WRONLY) == ENOSYS && opens("/new", O_RDONLY | O_CREAT) == ENOSYS,
	   "and not written");
	ok(unlink("/etc/hosts") < 0 && errno == ENOSYS && mkdir("/new", 0700) < 0 &&
	       errno == ENOSYS && chdir("/etc") < 0 && errno == ENOSYS,
	   "nothing changed");
}

static int socket_of(int family, int type)
{
	auto_fd int fd = socket(family, type | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : 0;
}

static void test_sockets(void)
{
	ok(socket_of(AF_UNIX, SOCK_STREAM) == ENOSYS, "no socket to the host's daemons");
	ok(socket_of(AF_NETLINK, SOCK_RAW) == ENOSYS, "none to the kernel's network");
	ok(socket_of(AF_VSOCK, SOCK_STREAM) == ENOSYS && socket_of(AF_PACKET, SOCK_RAW) == ENOSYS &&
	       socket_of(AF_ALG, SOCK_SEQPACKET) == ENOSYS,
	   "none of other families");
	ok(socket_of(AF_INET, SOCK_RAW) == EPROTONOSUPPORT || socket_of(AF_INET, SOCK_RAW) == EPERM,
	   "no raw one");
	ok(socket_of(AF_INET, SOCK_STREAM) == 0 && socket_of(AF_INET, SOCK_DGRAM) == 0,
	   "those of the Internet are there");
	ok(listen(3, 1) < 0 && errno == ENOSYS, "nobody can be listened for");
}

static void test_processes(void)
{
	char *const argv[] = {NULL};
	char byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};

	ok(execve("/bin/true", argv, argv) < 0 && errno == ENOSYS, "no program");
	ok(fork() < 0 && errno == ENOSYS, "no other process");
	ok(ptrace(PTRACE_ATTACH, parent, NULL, NULL) < 0 && errno == ENOSYS &&
	       process_vm_readv(parent, &here, 1, &there, 1, 0) < 0 && errno == ENOSYS,
	   "nobody's memory");
	ok(kill(parent, 0) < 0 && errno == ENOSYS, "no signals");
	ok(unshare(CLONE_NEWUSER) < 0 && errno == ENOSYS, "no namespaces");
}

/* A sanitizer's run time may map anything: allow.c lets it. */
static void test_memory(void)
{
#ifndef SANITIZED
	ok(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0) == MAP_FAILED,
	   "no memory that can be executed");
#endif
}

static void *in_thread(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static void test_work(void)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	pthread_t thread;
	int ran = 0;

	ok(pthread_create(&thread, NULL, in_thread, &ran) == 0 && pthread_join(thread, NULL) == 0 &&
	       ran,
	   "threads run");
	ok(getaddrinfo("localhost", "443", &hints, &found) == 0 && found, "names are resolved");
	if (found)
		freeaddrinfo(found);
	ok(getaddrinfo("192.0.2.1", "443", &hints, &found) == 0, "and addresses");
}

int main(void)
{
	struct trust t = {.verify = true};
	struct err e = {0};
	pid_t pid;
	int status;

	fflush(stdout);
	parent = getpid();
	pid = fork();
	if (pid == 0) {
		str_add(&t.authorities, "no certificate");
		if (fetch_cage_enter(&t, &e) < 0) {
			printf("Bail out! %s: %s\n", e.what, strerror(e.sys));
			_exit(2);
		}
		test_files();
		test_sockets();
		test_processes();
		test_memory();
		test_work();
		status = tap_end();
		fflush(stdout);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
