/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/strv.h"
#include "lib/kernel/diagnose.h"
#include "lib/kernel/facts.h"
#include "lib/kernel/feature.h"
#include "lib/kernel/filesystem.h"
#include "lib/kernel/fix.h"
#include "lib/kernel/lsm.h"
#include "lib/kernel/sysctl.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>

static const struct {
	const char *text;
	int major; /* -1: refused */
	int minor;
} releases[] = {
    {"6.1.0-13-amd64", 6, 1},
    {"5.10", 5, 10},
    {"6.18.44-fc-v595", 6, 18},
    {"7.3-rc1", 7, 3},
    {"6", -1, 0},
    {"six.one", -1, 0},
    {"", -1, 0},
};

static void test_release(void)
{
	struct facts f = {.major = 5, .minor = 11};

	for (size_t i = 0; i < array_len(releases); i++) {
		unsigned int major = 0, minor = 0;
		bool read = facts_parse_release(releases[i].text, &major, &minor);

		ok(read == (releases[i].major >= 0) && (!read || ((int)major == releases[i].major &&
								  (int)minor == releases[i].minor)),
		   "release \"%s\"", releases[i].text);
	}
	ok(facts_kernel_is(&f, 5, 11) && facts_kernel_is(&f, 5, 9) && facts_kernel_is(&f, 4, 20),
	   "this kernel and older ones");
	ok(!facts_kernel_is(&f, 5, 12) && !facts_kernel_is(&f, 6, 0), "newer ones");
}

static void test_range(void)
{
	static const char *const refused[] = {"",    "1",   "1 ",    "1 2 3",
					      "a b", "1 x", "1-\t2", "99999999999999999999 1"};
	int64_t low = 7, high = 7;

	ok(sysctl_parse_range("1\t0", &low, &high) && low == 1 && high == 0, "the empty range");
	ok(sysctl_parse_range("0\t2147483647", &low, &high) && high == INT32_MAX, "everybody");
	ok(sysctl_parse_range("-1 5", &low, &high) && low == -1, "a negative number");
	low = high = 7;
	for (size_t i = 0; i < array_len(refused); i++)
		ok(!sysctl_parse_range(refused[i], &low, &high) && low == 7 && high == 7,
		   "no range: \"%s\"", refused[i]);
}

static void test_sysctl(void)
{
	char text[8] = "x";
	int64_t v;

	ok(sysctl_read_i64("kernel/pid_max", &v) && v >= 300, "a switch every kernel has");
	ok(!sysctl_read_i64("kernel/ostype", &v), "a text is no number");
	ok(sysctl_read("kernel/ostype", text, sizeof(text)) && strcmp(text, "Linux") == 0,
	   "without its newline");
	ok(!sysctl_read("kernel/no_such_switch", text, sizeof(text)), "one that is not there");
}

static void test_modules(void)
{
	auto_strv struct strv names = {0}, none = {0}, real = {0};

	lsm_parse("lockdown,capability,landlock", &names);
	ok(names.n == 3 && strcmp(names.v[0], "lockdown") == 0 &&
	       strcmp(names.v[2], "landlock") == 0,
	   "three modules in order");
	lsm_parse("\n", &none);
	ok(none.n == 0, "no modules");
	(void)lsm_list(&real);
	ok(strv_has(&real, "capability"), "the module that is always there");
	ok(landlock_abi() == 0 || strv_has(&real, "landlock"), "Landlock is listed if it answers");
}

/* err.hint must hold each text whole, and a remedy may not be an empty line. */
static void test_fixes(void)
{
	struct err e = {0};

	ok(fix_text(FIX_NONE)[0] == '\0' && fix_text((enum fix)FIX_N)[0] == '\0',
	   "nothing to mend, nothing said");
	for (int id = FIX_NONE + 1; id < FIX_N; id++) {
		const char *text = fix_text((enum fix)id);

		err_msg(&e, "x");
		err_fix(&e, (enum fix)id);
		ok(text[0] && strcmp(e.hint, text) == 0 && !strstr(text, "\n\n"), "fix %d", id);
	}
}

/* Each way in which user namespaces are forbidden has its own remedy, whatever else is the case. */
static void test_userns_causes(void)
{
	static const struct {
		const char *what;
		int sys;
		struct userns_scene scene; /* .proc and .built_in are set below */
		enum fix fix;
	} rows[] = {
	    {"the sysctl of Debian", EPERM, {.switched_off = true}, FIX_USERNS_SYSCTL},
	    {"which holds back no root",
	     EPERM,
	     {.switched_off = true, .root = true},
	     FIX_USERNS_OTHER},
	    {"a limit of zero", ENOSPC, {.limit_is_zero = true}, FIX_USERNS_MAX},
	    {"a limit that is reached", ENOSPC, {0}, FIX_USERNS_MAX},
	    {"another kind's limit", ENOSPC, {.other_limit_is_zero = true}, FIX_NAMESPACES_MAX},
	    {"the limit of old kernels", EUSERS, {0}, FIX_USERNS_MAX},
	    {"AppArmor, at clone3", EACCES, {.apparmor = true}, FIX_USERNS_APPARMOR},
	    {"AppArmor, at the first mount", EPERM, {.apparmor = true}, FIX_USERNS_APPARMOR},
	    {"the sysctl comes before AppArmor",
	     EPERM,
	     {.switched_off = true, .apparmor = true},
	     FIX_USERNS_SYSCTL},
	    {"an outer filter, podman's way", EPERM, {.filtered = true}, FIX_USERNS_NESTED},
	    {"an outer filter, docker's way", ENOSYS, {.filtered = true}, FIX_USERNS_NESTED},
	    {"a kernel without clone3", ENOSYS, {0}, FIX_KERNEL},
	    {"a chroot", EPERM, {.in_chroot = true}, FIX_USERNS_CHROOT},
	    {"none of them", EPERM, {0}, FIX_USERNS_OTHER},
	    {"another errno", ENOMEM, {0}, FIX_DOCTOR},
	};
	const struct userns_scene no_proc = {.filtered = true}, no_userns = {.proc = true};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct userns_scene scene = rows[i].scene;

		scene.proc = scene.built_in = true;
		ok(userns_cause(rows[i].sys, &scene) == rows[i].fix, "%s", rows[i].what);
	}
	ok(userns_cause(EPERM, &no_proc) == FIX_PROC_MISSING, "no /proc");
	ok(userns_cause(EINVAL, &no_userns) == FIX_USERNS_KERNEL, "a kernel without them");
	ok(landlock_diagnose(ENOSYS) == FIX_LANDLOCK_KERNEL &&
	       landlock_diagnose(EOPNOTSUPP) == FIX_LANDLOCK_BOOT &&
	       landlock_diagnose(EPERM) == FIX_USERNS_NESTED,
	   "Landlock: not built, not started, filtered");
	ok(strcmp(landlock_why_none(ENOSYS), landlock_why_none(EOPNOTSUPP)) != 0 &&
	       strcmp(landlock_why_none(ENOSYS), landlock_why_none(EPERM)) != 0,
	   "and each in its own words");
}

static void test_features(void)
{
	struct facts f;
	struct err e;
	int fd;

	ok(facts_gather(&f, &e) == 0 && f.cpus > 0 && f.machine[0] && f.user[0],
	   "facts are gathered");
	for (size_t i = 0; i < FEATURES; i++) {
		unsigned int major, minor;

		ok(features[i].name && facts_parse_release(features[i].since, &major, &minor),
		   "feature %zu has a name and a first kernel", i);
	}
	/* A probe asks by a call that must fail; the same call made to succeed has to agree. */
	fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	ok((features[FEATURE_PIDFD_OPEN].probe() == 0) == (fd >= 0), "pidfd_open");
	ok((features[FEATURE_PIDFD_GETFD].probe() == 0) ==
	       (syscall(SYS_pidfd_getfd, fd, STDOUT_FILENO, 0) >= 0),
	   "pidfd_getfd");
	ok((features[FEATURE_PIDFD_SEND_SIGNAL].probe() == 0) ==
	       (syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0) == 0),
	   "pidfd_send_signal");
	ok((features[FEATURE_OPEN_TREE].probe() == 0) ==
	       (syscall(SYS_open_tree, AT_FDCWD, "/", 0) >= 0),
	   "open_tree");
}

int main(void)
{
	test_release();
	test_range();
	test_sysctl();
	test_modules();
	test_fixes();
	test_userns_causes();
	test_features();
	ok(strcmp(filesystem_name(0x01021994), "tmpfs") == 0 &&
	       strcmp(filesystem_name(1), "unknown") == 0,
	   "file systems have names");
	return tap_end();
}
