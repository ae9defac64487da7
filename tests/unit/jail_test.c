/* SPDX-License-Identifier: Apache-2.0 */
/* rlc-image's confinement, tried from inside. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/kernel/lsm.h"
#include "storage/jail.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"

#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char top[] = "/var/tmp/rlc-jail-XXXXXX";

static void make_folder(const char *name)
{
	auto_free char *path = xasprintf("%s/%s", top, name);

	if (mkdir(path, 0755) < 0)
		abort();
}

static void make_file(const char *name)
{
	auto_free char *path = xasprintf("%s/%s", top, name);
	struct err e;

	if (file_write(AT_FDCWD, path, "#!/bin/sh\n", 10, 0755, false, &e) < 0)
		abort();
}

static int open_folder(const char *name)
{
	auto_free char *path = xasprintf("%s/%s", top, name);

	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool opens(const char *path, int flags, int wanted)
{
	auto_fd int fd = open(path, flags | O_CLOEXEC, 0600);
	int got = fd < 0 ? errno : 0;

	if (got != wanted)
		printf("# open %s: %s\n", path, strerror(got));
	return got == wanted;
}

static void test_what_is_seen(void)
{
	auto_free char *outside = xasprintf("%s/index.json", top);

	ok(opens(outside, O_RDONLY, ENOENT) && opens("/etc/passwd", O_RDONLY, ENOENT) &&
	       opens("/proc/self/status", O_RDONLY, ENOENT),
	   "nothing of the host");
	ok(opens("/../index.json", O_RDONLY, ENOENT) &&
	       opens("/../../index.json", O_RDONLY, ENOENT),
	   "nor of the store by ..");
	ok(opens("/mine", O_WRONLY | O_CREAT, 0), "its own folder may be written");
	ok(opens("/layers/a/f", O_RDONLY, 0), "a layer can be read");
	ok(opens("/layers/a/f", O_WRONLY, EROFS) &&
	       opens("/layers/new", O_WRONLY | O_CREAT, EROFS) && chmod("/layers/a/f", 0777) < 0 &&
	       errno == EROFS,
	   "but not be changed");
	ok(mount(NULL, "/layers", NULL, MS_REMOUNT | MS_BIND, NULL) < 0 && errno == EPERM &&
	       umount2("/layers", MNT_DETACH) < 0 && errno == EPERM,
	   "nor its mount");
	ok(execl("/layers/a/f", "f", (char *)NULL) < 0 && errno == EACCES,
	   "nothing there is executed");
}

static void test_what_is_left(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	struct rlimit core = {1, 1};
	uint64_t wanted = 1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE | 1 << CAP_FOWNER |
			  1 << CAP_FSETID | 1U << CAP_SETFCAP;
	bool bounded = true;

	ok(syscall(SYS_capget, &head, data) == 0 && data[0].effective == wanted &&
	       data[0].permitted == wanted && data[0].inheritable == 0 && data[1].permitted == 0,
	   "five capabilities");
	for (int n = 0; n < 64; n++)
		bounded = bounded && (prctl(PR_CAPBSET_READ, n) == 1) == (wanted >> n & 1);
	ok(bounded, "and no other can come back");
	ok(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0,
	   "no new privileges, no tracing, no core");
	ok(chroot("/") < 0 && errno == EPERM, "no other root");
	ok(unshare(CLONE_NEWUSER) < 0 && errno == ENOSPC, "no further user namespace");
}

/* Refused by Landlock's own answer: without it, nobody listens there. */
static void test_landlock(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	auto_fd int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (landlock_abi() < 4) {
		printf("ok %d # SKIP this kernel's Landlock does not know of networks\n", ++tap_n);
		return;
	}
	ok(tcp >= 0 && connect(tcp, (struct sockaddr *)&to, sizeof(to)) < 0 && errno == EACCES,
	   "Landlock: no TCP");
}

static bool refused(long nr, long a, long b, long c)
{
	long rc = syscall(nr, a, b, c, 0, 0, 0);

	if (rc >= 0 || errno != ENOSYS)
		printf("# system call %ld: %ld %s\n", nr, rc, strerror(errno));
	return rc < 0 && errno == ENOSYS;
}

static void test_sockets(void)
{
	bool all = true;

	for (int family = 0; family < 46; family++)
		all = all && refused(SYS_socket, family, SOCK_STREAM, 0) &&
		      refused(SYS_socket, family, SOCK_DGRAM, 0) &&
		      refused(SYS_socket, family, SOCK_RAW, 0);
	ok(all, "no socket of any family");
	ok(refused(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0) && refused(SYS_connect, 4, 0, 0) &&
	       refused(SYS_bind, 4, 0, 0) && refused(SYS_accept4, 4, 0, 0),
	   "and none that is there is led elsewhere");
}

static void test_processes(void)
{
	ok(refused(SYS_execve, 0, 0, 0) && refused(SYS_execveat, -1, 0, 0), "no other program");
	ok(refused(SYS_clone, SIGCHLD, 0, 0) &&
	       refused(SYS_clone, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | CLONE_NEWUSER, 0, 0) &&
	       refused(SYS_clone3, 0, 0, 0),
	   "no other process");
	ok(refused(SYS_unshare, CLONE_NEWUSER, 0, 0) && refused(SYS_setns, 4, 0, 0) &&
	       refused(SYS_mount, 0, 0, 0) && refused(SYS_pivot_root, 0, 0, 0) &&
	       refused(SYS_chroot, 0, 0, 0) && refused(SYS_open_tree, 0, 0, 0),
	   "no namespace and no mount");
	ok(refused(SYS_ptrace, PTRACE_TRACEME, 0, 0) && refused(SYS_process_vm_readv, 1, 0, 0) &&
	       refused(SYS_pidfd_open, 1, 0, 0) && refused(SYS_kill, 1, 0, 0),
	   "no hand on others");
	ok(refused(SYS_bpf, 0, 0, 0) && refused(SYS_io_uring_setup, 1, 0, 0) &&
	       refused(SYS_userfaultfd, 0, 0, 0) && refused(SYS_keyctl, 0, 0, 0) &&
	       refused(SYS_perf_event_open, 0, 0, 0) && refused(SYS_open_by_handle_at, 3, 0, 0) &&
	       refused(SYS_ioctl, 2, 0, 0) && refused(SYS_memfd_create, 0, 0, 0),
	   "none of the kernel's wide doors");
}

/* A sanitizer's run time needs more of it. */
static void test_code(void)
{
#ifndef __SANITIZE_ADDRESS__
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ok(page != MAP_FAILED && refused(SYS_mprotect, (long)page, 4096, PROT_READ | PROT_EXEC) &&
	       refused(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC),
	   "no new code");
#endif
}

static void *in_thread(void *arg)
{
	*(bool *)arg = true;
	return NULL;
}

static void test_filter(void)
{
	struct err e = {0};
	bool ran = false;
	pthread_t thread;

	fflush(stdout); /* what was printed so far must not wait for what may be refused */
	ok(jail_filter(&e) == 0, "the filter is loaded: %s", e.what);
	test_sockets();
	test_processes();
	test_code();
	ok(pthread_create(&thread, NULL, in_thread, &ran) == 0 && pthread_join(thread, NULL) == 0 &&
	       ran,
	   "but threads");
	ok(opens("/more", O_WRONLY | O_CREAT, 0) && opens("/layers/a/f", O_RDONLY, 0) &&
	       mkfifo("/fifo", 0600) == 0 && mknod("/gone", S_IFCHR, 0) == 0,
	   "and files");
}

static int inside(void)
{
	int scratch, layers;
	struct err e = {0};

	if (!namespace_enter(CLONE_NEWNS)) {
		printf("1..0 # SKIP no user namespace to be root in\n");
		return 0;
	}
	scratch = open_folder("tmp");
	layers = open_folder("layers");
	ok(jail_enter(scratch, layers, &e) == 0, "the jail is entered: %s", e.what);
	ok(fcntl(scratch, F_GETFD) < 0 && fcntl(layers, F_GETFD) < 0,
	   "the descriptors of the host's folders are closed");
	test_what_is_seen();
	test_what_is_left();
	test_landlock();
	test_filter();
	return tap_end();
}

int main(void)
{
	int status = 1;
	struct err e;
	pid_t pid;

	if (!mkdtemp(top)) {
		printf("Bail out! no folder in /var/tmp\n");
		return 1;
	}
	make_folder("tmp");
	make_folder("layers");
	make_folder("layers/a");
	make_file("layers/a/f");
	make_file("index.json");
	pid = fork();
	if (pid == 0) {
		status = inside();
		fflush(stdout);
		_exit(status);
	}
	(void)waitpid(pid, &status, 0);
	(void)file_remove_tree(AT_FDCWD, top, &e);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
