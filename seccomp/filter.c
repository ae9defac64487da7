/* SPDX-License-Identifier: Apache-2.0 */
/* Profile in, program out: the cache first, else parse, compile and ask the program; host process.
 */
#include "seccomp/filter.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "seccomp/cache.h"
#include "seccomp/compile.h"
#include "seccomp/default.h"
#include "seccomp/emulate.h"
#include "seccomp/profile.h"
#include "seccomp/syscalls.h"

#include "config.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

enum { PROFILE_MAX = 1 << 20 };

/* What the init calls between loading the filter and becoming the container's program. */
static const struct need {
	const char *name;
	int nr;
	uint64_t args[2];
	bool only_before_capset; /* without no_new_privs capabilities are dropped after loading */
} needs[] = {
    {"read", SYS_read, {3}, false},	{"write", SYS_write, {3}, false},
    {"close", SYS_close, {3}, false},	{"newfstatat", SYS_newfstatat, {0}, false},
    {"execve", SYS_execve, {0}, false}, {"exit_group", SYS_exit_group, {125}, false},
    {"capset", SYS_capset, {0}, true},
};

static bool lets_through(const struct filter *f, const struct need *need)
{
	struct seccomp_data data = {
	    .nr = need->nr, .arch = SYSCALL_ARCH, .args = {need->args[0], need->args[1]}};
	uint32_t answer = emulate_filter(f->insns, f->n, &data);

	return answer == SECCOMP_RET_ALLOW || answer == SECCOMP_RET_LOG;
}

/* A filter under which nothing can start would show itself as a death without a word. */
static int check_needs(const struct filter *f, const struct filter_request *r, struct err *e)
{
	auto_str struct str missing = {0}, quoted = {0};

	for (size_t i = 0; i < array_len(needs); i++) {
		if ((needs[i].only_before_capset && r->no_new_privs) || lets_through(f, &needs[i]))
			continue;
		str_addf(&missing, "%s%s", missing.len ? ", " : "", needs[i].name);
		str_addf(&quoted, "%s\"%s\"", quoted.len ? ", " : "", needs[i].name);
	}
	if (!missing.len)
		return 0;
	err_msg(e, "seccomp profile %s: no container can start under it, it refuses %s",
		f->description, missing.s);
	return err_hint(e,
			"add {\"names\": [%s], \"action\": \"SCMP_ACT_ALLOW\"} to its \"syscalls\"",
			quoted.s);
}

static int read_profile(const char *path, char **ret, size_t *ret_len, struct err *e)
{
	if (file_read(AT_FDCWD, path, PROFILE_MAX, ret, ret_len, e) == 0)
		return 0;
	err_ctx(e, "seccomp profile");
	return err_hint(e,
			"--security-opt seccomp= takes a JSON file as Docker and Podman have it, "
			"or unconfined");
}

/*
 * Everything that shapes a program, each part with its length before it. The identity of this
 * executable stands for the compiler: libseccomp is linked into it, so a rebuilt one makes another
 * executable, and asking the library for its version would be a call into it. (With
 * -Dstatic_libs=false only the version rlc was built with is seen.)
 */
static int write_key(const struct filter_request *r, const struct utsname *host, const char *text,
		     size_t n, struct str *key)
{
	struct stat self;

	if (stat("/proc/self/exe", &self) < 0)
		return -1;
	str_addf(key, "rlc %s libseccomp %d.%d.%d build %s\n", RLC_VERSION, SCMP_VER_MAJOR,
		 SCMP_VER_MINOR, SCMP_VER_MICRO, default_identity);
	str_addf(key, "exe %llx %llx %llx %lld.%09ld %lld.%09ld\n", (unsigned long long)self.st_dev,
		 (unsigned long long)self.st_ino, (unsigned long long)self.st_size,
		 (long long)self.st_mtim.tv_sec, self.st_mtim.tv_nsec,
		 (long long)self.st_ctim.tv_sec, self.st_ctim.tv_nsec);
	str_addf(key, "kernel %zu:%s %zu:%s\n", strlen(host->release), host->release,
		 strlen(host->machine), host->machine);
	str_addf(key, "caps %llx no_new_privs %d\n", (unsigned long long)r->caps, r->no_new_privs);
	/* The default's text is part of the build's identity. */
	if (!r->profile)
		str_add(key, "default\n");
	else {
		str_addf(key, "profile %zu:", n);
		str_addn(key, text, n);
	}
	return 0;
}

static int parse(const struct filter_request *r, const struct utsname *host, const char *text,
		 size_t n, struct profile *ret, struct err *e)
{
	struct profile_host on = {.arch = SYSCALL_ARCH_NAME, .caps = r->caps};
	unsigned major, minor;

	if (sscanf(host->release, "%u.%u", &major, &minor) != 2)
		return err_msg(e, "uname gives a kernel release without a version: \"%s\"",
			       host->release);
	on.kernel_version = major << 16 | minor;
	return profile_parse(text, n, r->profile ? r->profile : "default", &on, ret, e);
}

static int compile(const struct filter_request *r, const struct utsname *host, const char *text,
		   size_t n, struct filter *f, struct err *e)
{
	auto_profile struct profile p = {0};

	if (parse(r, host, text, n, &p, e) < 0)
		return -1;
	return compile_profile(&p, f->description, f, e);
}

int filter_profile(const struct filter_request *r, struct profile *ret, struct err *e)
{
	auto_free char *owned = NULL;
	size_t n = default_profile_len;
	struct utsname host;

	if (r->profile && read_profile(r->profile, &owned, &n, e) < 0)
		return -1;
	if (uname(&host) < 0)
		return err_sys(e, "uname");
	return parse(r, &host, owned ? owned : default_profile, n, ret, e);
}

#define auto_filter __attribute__((cleanup(filter_free)))

int filter_build(const struct filter_request *r, int cache_dirfd, struct filter *ret, struct err *e)
{
	auto_filter struct filter f = {.description = xstrdup(r->profile ? r->profile : "default")};
	auto_str struct str key = {0};
	auto_free char *owned = NULL;
	const char *text = default_profile;
	size_t n = default_profile_len;
	struct utsname host;

	if (r->profile) {
		if (read_profile(r->profile, &owned, &n, e) < 0)
			return -1;
		text = owned;
	}
	if (uname(&host) < 0)
		return err_sys(e, "uname");
	if (cache_dirfd >= 0 && write_key(r, &host, text, n, &key) < 0) {
		log_debug("seccomp: no cache, /proc/self/exe cannot be seen: %m");
		cache_dirfd = -1;
	}
	f.cached = cache_dirfd >= 0 && cache_load(cache_dirfd, key.s, key.len, &f);
	if (!f.cached && compile(r, &host, text, n, &f, e) < 0)
		return -1;
	if (check_needs(&f, r, e) < 0)
		return -1;
	if (!f.cached && cache_dirfd >= 0)
		cache_store(cache_dirfd, key.s, key.len, &f);
	*ret = f;
	f = (struct filter){0};
	return 0;
}

void filter_free(struct filter *f)
{
	free(f->insns);
	free(f->description);
	*f = (struct filter){0};
}
