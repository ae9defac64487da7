/* SPDX-License-Identifier: Apache-2.0 */
/* Searches for the cause of a refusal, on the host side and after it; nothing here is fast. */
#include "lib/kernel/diagnose.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/kernel/idmap.h"
#include "lib/kernel/sysctl.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>

/* Seccomp mode 2 in our own status: a filter was set before rlc began. */
static bool under_seccomp_filter(void)
{
	auto_free char *status = NULL;
	const char *line;
	struct err ignored;

	if (file_read(AT_FDCWD, "/proc/self/status", 65536, &status, NULL, &ignored) < 0)
		return false;
	line = strstr(status, "\nSeccomp:");
	return line && atoi(line + strlen("\nSeccomp:")) == 2;
}

/*
 * A root that is no mount point: create_user_ns() gives EPERM to chrooted callers. A chroot into a
 * mount point cannot be told from outside of the kernel.
 */
static bool in_chroot(void)
{
	auto_free char *mounts = NULL;
	struct err ignored;

	if (file_read(AT_FDCWD, "/proc/self/mountinfo", 4 << 20, &mounts, NULL, &ignored) < 0)
		return false;
	for (char *line = mounts; line && *line; line = strchr(line, '\n')) {
		char point[3] = "";

		line += *line == '\n';
		if (sscanf(line, "%*d %*d %*s %*s %2s", point) == 1 && strcmp(point, "/") == 0)
			return false;
	}
	return true;
}

static bool switch_is(const char *name, int64_t value)
{
	int64_t v;

	return sysctl_read_i64(name, &v) && v == value;
}

static bool any_namespace_limit_is_zero(void)
{
	static const char *const kinds[] = {"mnt", "pid", "net", "ipc", "uts", "cgroup"};
	char name[64];

	for (size_t i = 0; i < array_len(kinds); i++) {
		snprintf(name, sizeof(name), "user/max_%s_namespaces", kinds[i]);
		if (switch_is(name, 0))
			return true;
	}
	return false;
}

enum fix userns_cause(int sys, const struct userns_scene *s)
{
	if (!s->proc)
		return FIX_PROC_MISSING;
	if (!s->built_in)
		return FIX_USERNS_KERNEL;
	/* The limits answer ENOSPC (EUSERS before 4.9); nothing else does. */
	if (sys == ENOSPC || sys == EUSERS)
		return s->other_limit_is_zero ? FIX_NAMESPACES_MAX : FIX_USERNS_MAX;
	if (s->limit_is_zero)
		return FIX_USERNS_MAX;
	if (s->switched_off && !s->root)
		return FIX_USERNS_SYSCTL;
	if (s->apparmor)
		return FIX_USERNS_APPARMOR;
	if (s->filtered)
		return FIX_USERNS_NESTED;
	/* No filter, so it is the kernel that has no clone3. */
	if (sys == ENOSYS)
		return FIX_KERNEL;
	if (s->in_chroot)
		return FIX_USERNS_CHROOT;
	return sys == EPERM || sys == EACCES ? FIX_USERNS_OTHER : FIX_DOCTOR;
}

enum fix userns_diagnose(int sys)
{
	const struct userns_scene scene = {
	    .proc = access("/proc/self/ns", F_OK) == 0,
	    .built_in = access("/proc/self/ns/user", F_OK) == 0,
	    .limit_is_zero = switch_is("user/max_user_namespaces", 0),
	    .other_limit_is_zero = any_namespace_limit_is_zero(),
	    .switched_off = switch_is("kernel/unprivileged_userns_clone", 0),
	    .apparmor = switch_is("kernel/apparmor_restrict_unprivileged_userns", 1),
	    .root = geteuid() == 0,
	    .filtered = under_seccomp_filter(),
	    .in_chroot = in_chroot(),
	};

	return userns_cause(sys, &scene);
}

enum fix idmap_diagnose(void)
{
	static const char *const helpers[] = {"newuidmap", "newgidmap"};
	struct statvfs fs;

	for (size_t i = 0; i < array_len(helpers); i++) {
		auto_free char *path = idmap_helper_path(helpers[i]);

		if (!path)
			return FIX_NEWUIDMAP_MISSING;
		if (!idmap_helper_privileged(path))
			return FIX_NEWUIDMAP_PRIVILEGE;
		if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOSUID)
			return FIX_NEWUIDMAP_NOSUID;
	}
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return FIX_NEWUIDMAP_NOSUID;
	return FIX_SUBIDS;
}

enum fix landlock_diagnose(int sys)
{
	switch (sys) {
	case ENOSYS:
		return FIX_LANDLOCK_KERNEL;
	case EOPNOTSUPP:
		return FIX_LANDLOCK_BOOT;
	default:
		return FIX_USERNS_NESTED;
	}
}

enum fix overlay_diagnose(int sys)
{
	switch (sys) {
	case EPERM:
		return FIX_OVERLAY;
	case ENODEV:
		return FIX_OVERLAY_MODULE;
	case EINVAL:
		return FIX_OVERLAY_STORE;
	default:
		return FIX_DOCTOR;
	}
}
