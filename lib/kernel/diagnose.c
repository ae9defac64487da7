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

static bool any_namespace_limit_is_zero(void)
{
	static const char *const kinds[] = {"mnt", "pid", "net", "ipc", "uts", "cgroup"};
	char name[64];
	int64_t limit;

	for (size_t i = 0; i < array_len(kinds); i++) {
		snprintf(name, sizeof(name), "user/max_%s_namespaces", kinds[i]);
		if (sysctl_read_i64(name, &limit) && limit == 0)
			return true;
	}
	return false;
}

enum fix userns_diagnose(int sys)
{
	int64_t v;

	if (access("/proc/self/ns", F_OK) < 0)
		return FIX_PROC_MISSING;
	if (access("/proc/self/ns/user", F_OK) < 0)
		return FIX_USERNS_KERNEL;
	/* The limits answer ENOSPC (EUSERS before 4.9); nothing else does. */
	if (sys == ENOSPC || sys == EUSERS)
		return any_namespace_limit_is_zero() ? FIX_NAMESPACES_MAX : FIX_USERNS_MAX;
	if (sysctl_read_i64("user/max_user_namespaces", &v) && v == 0)
		return FIX_USERNS_MAX;
	if (sysctl_read_i64("kernel/unprivileged_userns_clone", &v) && v == 0 && geteuid() != 0)
		return FIX_USERNS_SYSCTL;
	if (sysctl_read_i64("kernel/apparmor_restrict_unprivileged_userns", &v) && v == 1)
		return FIX_USERNS_APPARMOR;
	if (under_seccomp_filter())
		return FIX_USERNS_NESTED;
	if (in_chroot())
		return FIX_USERNS_CHROOT;
	return sys == EPERM || sys == EACCES ? FIX_USERNS_OTHER : FIX_DOCTOR;
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
