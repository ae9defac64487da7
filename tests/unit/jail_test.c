/* SPDX-License-Identifier: Apache-2.0 */
/* rlc-image's confinement, tried from inside. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "storage/jail.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"

#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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
