/* SPDX-License-Identifier: Apache-2.0 */
/* The cage of helper processes, tried from inside. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/cage.h"
#include "lib/kernel/lsm.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What the test itself needs; opening is allowed, so that the other layers show. */
static const struct allow rows[] = {
    {SYS_write},
    {SYS_read},
    {SYS_openat},
    {SYS_close},
    {SYS_newfstatat},
    {SYS_exit_group},
    {SYS_prctl},
    {SYS_capget},
    {SYS_getrlimit},
    {SYS_prlimit64},
    {SYS_brk},
    {SYS_mmap},
    {SYS_getppid},
    {SYS_kill},
    {SYS_rt_sigprocmask},
    {SYS_unlinkat},
    {SYS_mkdirat},
    {SYS_getdents64},
    {SYS_socket, 0, UINT64_MAX, AF_INET},
};
static const struct cage_file files[] = {{"etc/hosts", "127.0.0.1 localhost\n"},
					 {"etc/resolv.conf", ""}};

/* A folder of the host that somebody forgot to close. */
static int forgotten;

static int try_open(int at, const char *path, int flags)
{
	auto_fd int fd = openat(at, path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? errno : 0;
}

static void test_files(void)
{
	char text[64] = "";
	auto_fd int fd = openat(AT_FDCWD, "/etc/hosts", O_RDONLY | O_CLOEXEC);

	ok(read(fd, text, sizeof(text) - 1) > 0 && strcmp(text, files[0].text) == 0,
	   "its own files can be read");
	ok(try_open(AT_FDCWD, "/etc/resolv.conf", O_RDONLY) == 0, "all of them");
	ok(try_open(AT_FDCWD, "/etc/passwd", O_RDONLY) == ENOENT &&
	       try_open(AT_FDCWD, "/proc/self/status", O_RDONLY) == ENOENT &&
	       try_open(AT_FDCWD, "../../../etc/passwd", O_RDONLY) == ENOENT,
	   "nothing of the host is there");
	ok(try_open(AT_FDCWD, "/new", O_WRONLY | O_CREAT) != 0 &&
	       try_open(AT_FDCWD, "/etc/hosts", O_WRONLY) != 0 &&
	       unlinkat(AT_FDCWD, "/etc/hosts", 0) < 0 && mkdirat(AT_FDCWD, "/new", 0700) < 0,
	   "nothing can be written");
}

static void test_landlock(int abi)
{
	if (abi == 0) {
		printf("ok %d # SKIP this kernel has no Landlock\n", ++tap_n);
		return;
	}
	ok(try_open(forgotten, "etc/passwd", O_RDONLY) == EACCES,
	   "a forgotten descriptor of the host leads nowhere");
	if (abi >= 6)
		ok(kill(getppid(), 0) < 0 && errno == EPERM, "nobody outside can be signalled");
}

static void test_calls(void)
{
	ok(socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == ENOSYS, "no AF_UNIX socket");
	ok(socket(AF_INET, SOCK_STREAM, 0) >= 0, "AF_INET, as its list says");
	ok(mount("none", "/etc", "tmpfs", 0, NULL) < 0 && errno == ENOSYS, "no mount");
	ok(execl("/bin/true", "true", (char *)NULL) < 0 && errno == ENOSYS, "no exec");
	ok(unshare(CLONE_NEWUSER) < 0 && errno == ENOSYS, "no namespace");
}

static void test_privilege(uint64_t wanted)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	struct rlimit core = {1, 1}, descriptors = {0, 0};
	bool bounded = true;

	ok(syscall(SYS_capget, &head, data) == 0 && data[0].permitted == wanted &&
	       data[0].effective == wanted && data[0].inheritable == 0 && data[1].permitted == 0,
	   "the capabilities asked for, no other");
	for (int i = 0; i < 64; i++)
		bounded = bounded && (prctl(PR_CAPBSET_READ, i) == 1) == (wanted >> i & 1);
	ok(bounded, "and none can come back");
	ok(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no_new_privs");
	ok(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0, "not dumpable");
	ok(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
	       getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_max == 20,
	   "limits are set");
}

/* A child's TAP goes on where ours stands: it returns how many lines it printed. */
static void in_child(void (*run)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		tap_bad = 0;
		run();
		fflush(stdout);
		_exit(tap_bad ? 100 + tap_n : tap_n);
	}
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 0) {
		tap_bad++;
		printf("# a child ended by status %x\n", (unsigned int)status);
		return;
	}
	tap_bad += WEXITSTATUS(status) > 100;
	tap_n = WEXITSTATUS(status) % 100;
}

static struct cage make_cage(void)
{
	return (struct cage){.name = "the test",
			     .files = files,
			     .n_files = array_len(files),
			     .descriptors = 20,
			     .allow = rows,
			     .n_allow = array_len(rows)};
}

static void of_a_user(void)
{
	const struct cage c = make_cage();
	const int abi = landlock_abi();
	struct err e = {0};

	ok(cage_enter(&c, &e) == 0, "a user's process enters: %s", e.what);
	test_files();
	test_landlock(abi);
	test_calls();
	test_privilege(0);
}

static void of_namespace_root(void)
{
	struct cage c = make_cage();
	struct err e = {0};

	c.in_namespaces = true;
	c.caps = 1ULL << CAP_NET_RAW;
	if (!namespace_enter(0)) {
		ok(false, "become root of a user namespace");
		return;
	}
	ok(cage_enter(&c, &e) == 0, "root of a user namespace enters: %s", e.what);
	test_files();
	test_calls();
	test_privilege(c.caps);
}

static void without_files(void)
{
	struct cage c = make_cage();
	struct err e = {0};

	c.files = NULL;
	c.n_files = 0;
	ok(cage_enter(&c, &e) == 0 && try_open(AT_FDCWD, "/etc/hosts", O_RDONLY) == ENOENT &&
	       try_open(AT_FDCWD, "/", O_WRONLY | O_TMPFILE) != 0,
	   "without files the root is empty");
}

int main(void)
{
	forgotten = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	in_child(of_a_user);
	in_child(of_namespace_root);
	in_child(without_files);
	return tap_end();
}
