/* SPDX-License-Identifier: Apache-2.0 */
/* filter_build: the default's stance call by call, what it refuses, and what its key tells apart.
 */
#include "seccomp/filter.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "seccomp/default.h"
#include "seccomp/emulate.h"
#include "seccomp/syscalls.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/syscall.h>

#define EPERM_ANSWER  (SECCOMP_RET_ERRNO | EPERM)
#define ENOSYS_ANSWER (SECCOMP_RET_ERRNO | ENOSYS)
#define CAP(n)	      (UINT64_C(1) << (n))

enum { LAST = 469, CAP_SYS_ADMIN = 21 };
static const uint64_t podman_caps = 0x800405fb;

static const struct {
	const char *what;
	int nr;
	uint64_t args[2];
	uint32_t want;
} stance[] = {
    {"mount", SYS_mount, {0}, EPERM_ANSWER},
    {"umount2", SYS_umount2, {0}, EPERM_ANSWER},
    {"pivot_root", SYS_pivot_root, {0}, EPERM_ANSWER},
    {"move_mount", 429, {0}, EPERM_ANSWER},
    {"open_tree", 428, {0}, EPERM_ANSWER},
    {"open_tree_attr", 467, {0}, EPERM_ANSWER},
    {"fsopen", 430, {0}, EPERM_ANSWER},
    {"fsconfig", 431, {0}, EPERM_ANSWER},
    {"fsmount", 432, {0}, EPERM_ANSWER},
    {"fspick", 433, {0}, EPERM_ANSWER},
    {"mount_setattr", 442, {0}, EPERM_ANSWER},
    {"unshare", SYS_unshare, {0}, EPERM_ANSWER},
    {"setns", SYS_setns, {0}, EPERM_ANSWER},
    {"clone of a thread", SYS_clone, {0x3d0f00}, SECCOMP_RET_ALLOW},
    {"clone of a process", SYS_clone, {0x1200011}, SECCOMP_RET_ALLOW},
    {"clone CLONE_NEWNS", SYS_clone, {0x20011}, EPERM_ANSWER},
    {"clone CLONE_NEWCGROUP", SYS_clone, {0x2000011}, EPERM_ANSWER},
    {"clone CLONE_NEWUTS", SYS_clone, {0x4000011}, EPERM_ANSWER},
    {"clone CLONE_NEWIPC", SYS_clone, {0x8000011}, EPERM_ANSWER},
    {"clone CLONE_NEWUSER", SYS_clone, {0x10000011}, EPERM_ANSWER},
    {"clone CLONE_NEWPID", SYS_clone, {0x20000011}, EPERM_ANSWER},
    {"clone CLONE_NEWNET", SYS_clone, {0x40000011}, EPERM_ANSWER},
    {"clone3", 435, {0}, ENOSYS_ANSWER},
    {"add_key", SYS_add_key, {0}, EPERM_ANSWER},
    {"request_key", SYS_request_key, {0}, EPERM_ANSWER},
    {"keyctl", SYS_keyctl, {0}, EPERM_ANSWER},
    {"bpf", SYS_bpf, {0}, EPERM_ANSWER},
    {"perf_event_open", SYS_perf_event_open, {0}, EPERM_ANSWER},
    {"userfaultfd", SYS_userfaultfd, {0}, EPERM_ANSWER},
    {"io_uring_setup", 425, {0}, EPERM_ANSWER},
    {"io_uring_enter", 426, {0}, EPERM_ANSWER},
    {"io_uring_register", 427, {0}, EPERM_ANSWER},
    {"init_module", SYS_init_module, {0}, EPERM_ANSWER},
    {"finit_module", SYS_finit_module, {0}, EPERM_ANSWER},
    {"delete_module", SYS_delete_module, {0}, EPERM_ANSWER},
    {"kexec_load", SYS_kexec_load, {0}, EPERM_ANSWER},
    {"open_by_handle_at", SYS_open_by_handle_at, {0}, EPERM_ANSWER},
    {"pidfd_getfd", 438, {0}, EPERM_ANSWER},
    {"reboot", SYS_reboot, {0}, EPERM_ANSWER},
    {"swapon", SYS_swapon, {0}, EPERM_ANSWER},
    {"settimeofday", SYS_settimeofday, {0}, EPERM_ANSWER},
    {"syslog", SYS_syslog, {0}, EPERM_ANSWER},
    {"fanotify_init", SYS_fanotify_init, {0}, EPERM_ANSWER},
    {"socket AF_UNIX", SYS_socket, {1}, SECCOMP_RET_ALLOW},
    {"socket AF_INET6", SYS_socket, {10}, SECCOMP_RET_ALLOW},
    {"socket AF_NETLINK", SYS_socket, {16}, SECCOMP_RET_ALLOW},
    {"socket AF_ALG", SYS_socket, {38}, EPERM_ANSWER},
    {"socket AF_NFC", SYS_socket, {39}, SECCOMP_RET_ALLOW},
    {"socket AF_VSOCK", SYS_socket, {40}, EPERM_ANSWER},
    {"socket AF_XDP", SYS_socket, {44}, SECCOMP_RET_ALLOW},
    {"socket AF_VSOCK, high half set", SYS_socket, {0x100000028}, EPERM_ANSWER},
    {"socket AF_ALG, high half set", SYS_socket, {0xffffffff00000026}, EPERM_ANSWER},
    {"personality PER_LINUX", SYS_personality, {0}, SECCOMP_RET_ALLOW},
    {"personality that asks", SYS_personality, {0xffffffff}, SECCOMP_RET_ALLOW},
    {"personality ADDR_NO_RANDOMIZE", SYS_personality, {0x40000}, EPERM_ANSWER},
    {"personality READ_IMPLIES_EXEC", SYS_personality, {0x400000}, EPERM_ANSWER},
    {"ptrace", SYS_ptrace, {0}, SECCOMP_RET_ALLOW},
    {"chroot, whose capability is there", SYS_chroot, {0}, SECCOMP_RET_ALLOW},
    {"statx", SYS_statx, {0}, SECCOMP_RET_ALLOW},
    {"openat2", 437, {0}, SECCOMP_RET_ALLOW},
    {"cachestat", 451, {0}, SECCOMP_RET_ALLOW},
    {"map_shadow_stack", 453, {0}, SECCOMP_RET_ALLOW},
    {"futex_wait", 455, {0}, SECCOMP_RET_ALLOW},
    {"statmount", 457, {0}, SECCOMP_RET_ALLOW},
    {"listmount", 458, {0}, SECCOMP_RET_ALLOW},
    {"mseal", 462, {0}, SECCOMP_RET_ALLOW},
    {"removexattrat", 466, {0}, SECCOMP_RET_ALLOW},
    {"the first number behind the table", 470, {0}, ENOSYS_ANSWER},
    {"a number far behind the table", 100000, {0}, ENOSYS_ANSWER},
};

static void test_stance(void)
{
	struct filter_request r = {.caps = podman_caps};
	struct filter f;
	struct err e = {0};
	size_t allowed = 0;

	ok(filter_build(&r, -1, &f, &e) == 0 && strcmp(f.description, "default") == 0,
	   "the default without a cache: %s", e.what);
	ok(f.flags == SECCOMP_FILTER_FLAG_SPEC_ALLOW, "the default's flags");
	for (size_t i = 0; i < array_len(stance); i++) {
		struct seccomp_data data = {.nr = stance[i].nr,
					    .arch = SYSCALL_ARCH,
					    .args = {stance[i].args[0], stance[i].args[1]}};
		uint32_t got = emulate_filter(f.insns, f.n, &data);

		ok(got == stance[i].want, "%s: %#x", stance[i].what, got);
	}
	for (int number = 0; number <= LAST; number++) {
		struct seccomp_data data = {.nr = number, .arch = SYSCALL_ARCH};

		allowed += emulate_filter(f.insns, f.n, &data) == SECCOMP_RET_ALLOW;
	}
	/* moby's profile lets 370 through on amd64. */
	ok(allowed > 250 && allowed <= 370, "%zu system calls are let through", allowed);
	filter_free(&f);
}

static void write_profile(const char *path, const char *text)
{
	struct err e;

	if (file_write(AT_FDCWD, path, text, strlen(text), 0600, false, &e) < 0)
		abort();
}

#define WITHOUT(names)                                                                             \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[" names                   \
	"],\"action\":\"SCMP_ACT_ALLOW\"}]}"

static const struct {
	const char *text;
	bool no_new_privs;
	const char *missing; /* NULL: it is taken */
} startable[] = {
    {WITHOUT("\"read\",\"write\",\"close\",\"newfstatat\",\"execve\",\"exit_group\",\"capset\""),
     false, NULL},
    {WITHOUT("\"read\",\"write\",\"close\",\"newfstatat\",\"execve\",\"exit_group\""), true, NULL},
    {WITHOUT("\"read\",\"write\",\"close\",\"newfstatat\",\"execve\",\"exit_group\""), false,
     "it refuses capset"},
    {WITHOUT("\"write\",\"close\",\"newfstatat\",\"execve\",\"exit_group\""), true,
     "it refuses read"},
    {WITHOUT("\"read\",\"close\",\"newfstatat\",\"execve\",\"exit_group\""), true,
     "it refuses write"},
    {WITHOUT("\"read\",\"write\",\"newfstatat\",\"execve\",\"exit_group\""), true,
     "it refuses close"},
    {WITHOUT("\"read\",\"write\",\"close\",\"execve\",\"exit_group\""), true,
     "it refuses newfstatat"},
    {WITHOUT("\"read\",\"write\",\"close\",\"newfstatat\",\"exit_group\""), true,
     "it refuses execve"},
    {WITHOUT("\"read\",\"write\",\"close\",\"newfstatat\",\"execve\""), true,
     "it refuses exit_group"},
    {"{\"defaultAction\":\"SCMP_ACT_KILL\"}", true,
     "it refuses read, write, close, newfstatat, execve, exit_group"},
    {"{\"defaultAction\":\"SCMP_ACT_TRACE\"}", true, "it refuses read, write"},
    {"{\"defaultAction\":\"SCMP_ACT_LOG\"}", false, NULL},
    /* An unknown word must not make a program that is looser than the text. */
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mount\"],"
     "\"action\":\"SCMP_ACT_EPERM\"}]}",
     true, "SCMP_ACT_EPERM"},
};

static void test_startable(int dirfd, const char *path)
{
	for (size_t i = 0; i < array_len(startable); i++) {
		const char *missing = startable[i].missing;
		struct filter_request r = {.profile = path,
					   .no_new_privs = startable[i].no_new_privs};
		struct filter f = {0};
		struct err e = {0};
		int rc;

		write_profile(path, startable[i].text);
		/* Twice: what is refused must not be found in the cache. */
		rc = filter_build(&r, dirfd, &f, &e);
		filter_free(&f);
		if (rc == 0)
			rc = filter_build(&r, dirfd, &f, &e);
		else if (filter_build(&r, dirfd, &f, &e) == 0)
			rc = 0;
		if (missing)
			ok(rc < 0 && strstr(e.what, missing) && strstr(e.what, path), "%s", e.what);
		else
			ok(rc == 0, "a start is possible: %s", e.what);
		filter_free(&f);
	}
}

static void test_files(const char *folder, const char *path)
{
	struct filter_request r = {.profile = "/nonexistent/p.json"};
	char *big = calloc(1, (1 << 20) + 2);
	struct filter f;
	struct err e = {0};

	ok(filter_build(&r, -1, &f, &e) < 0 && e.sys == ENOENT && strstr(e.what, r.profile) &&
	       e.hint[0],
	   "a missing file: %s", e.what);
	r.profile = folder;
	ok(filter_build(&r, -1, &f, &e) < 0 && e.sys == EISDIR, "a folder: %s", e.what);
	r.profile = path;
	memset(big, ' ', (1 << 20) + 1);
	write_profile(path, big);
	ok(filter_build(&r, -1, &f, &e) < 0 && strstr(e.what, "larger than"), "%s", e.what);
	free(big);
}

/* Whatever changes an answer changes the key. */
static void test_key(int dirfd, const char *path)
{
	static const char allow[] = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
			  log[] = "{\"defaultAction\":\"SCMP_ACT_LOG\"  }";
	const struct {
		const char *what, *text;
		struct filter_request r;
	} steps[] = {
	    {"the default", NULL, {.caps = podman_caps}},
	    {"other capabilities", NULL, {.caps = podman_caps | CAP(CAP_SYS_ADMIN)}},
	    {"no_new_privs", NULL, {.caps = podman_caps, .no_new_privs = true}},
	    {"a file with the default's text", default_profile, {path, podman_caps}},
	    {"a file", allow, {path, podman_caps}},
	    {"another text of the same length", log, {path, podman_caps}},
	};

	for (size_t i = 0; i < array_len(steps); i++) {
		struct filter f = {0};
		struct err e = {0};

		if (steps[i].text)
			write_profile(path, steps[i].text);
		ok(filter_build(&steps[i].r, dirfd, &f, &e) == 0 && !f.cached, "%s: compiled %s",
		   steps[i].what, e.what);
		filter_free(&f);
		ok(filter_build(&steps[i].r, dirfd, &f, &e) == 0 && f.cached, "%s: then cached",
		   steps[i].what);
		filter_free(&f);
	}
}

static int open_cache(const char *folder, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", folder, name);
	struct err e;

	if (file_make_folders(path, 0700, &e) < 0)
		abort();
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int main(void)
{
	char folder[] = "/tmp/seccomp-filter-XXXXXX";
	auto_free char *path = NULL;
	struct err e;

	if (!mkdtemp(folder))
		return 1;
	path = xasprintf("%s/profile.json", folder);
	auto_fd int startable_cache = open_cache(folder, "startable"),
		    key_cache = open_cache(folder, "key");
	test_stance();
	test_startable(startable_cache, path);
	test_files(folder, path);
	test_key(key_cache, path);
	file_remove_tree(AT_FDCWD, folder, &e);
	return tap_end();
}
