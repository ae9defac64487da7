/* SPDX-License-Identifier: Apache-2.0 */
/* Linux security modules; asked on the host side, before any namespace is made. */
#include "lib/kernel/lsm.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/strv.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>

#ifndef SYS_lsm_list_modules /* Linux 6.8; the number is the same on every architecture */
#define SYS_lsm_list_modules 461
#endif

void lsm_parse(const char *text, struct strv *ret)
{
	strv_split(ret, text, ",\n ");
}

/* LSM_ID_* of linux/lsm.h. */
static const char *const names[] = {
    "capability", "selinux",  "smack", "tomoyo",   "apparmor", "yama", "loadpin",
    "safesetid",  "lockdown", "bpf",   "landlock", "ima",      "evm",  "ipe",
};
enum { FIRST_ID = 100 };

static bool list_by_syscall(struct strv *ret)
{
	uint64_t ids[64];
	uint32_t size = sizeof(ids);
	long n = syscall(SYS_lsm_list_modules, ids, &size, 0);

	for (long i = 0; i < n && i < (long)array_len(ids); i++) {
		if (ids[i] >= FIRST_ID && ids[i] - FIRST_ID < array_len(names))
			strv_add(ret, names[ids[i] - FIRST_ID]);
		else
			strv_addf(ret, "lsm-%llu", (unsigned long long)ids[i]);
	}
	return n >= 0;
}

static void list_by_traces(struct strv *ret)
{
	static const struct {
		const char *name, *path;
	} traces[] = {
	    {"selinux", "/sys/fs/selinux/enforce"},
	    {"smack", "/sys/fs/smackfs/load2"},
	    {"yama", "/proc/sys/kernel/yama"},
	};
	auto_free char *apparmor = NULL;
	struct err ignored;

	strv_add(ret, "capability"); /* always there */
	for (size_t i = 0; i < array_len(traces); i++)
		if (access(traces[i].path, F_OK) == 0)
			strv_add(ret, traces[i].name);
	/* This switch is there whether it is on or not. */
	if (file_read(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", 16, &apparmor, NULL,
		      &ignored) == 0 &&
	    apparmor[0] == 'Y')
		strv_add(ret, "apparmor");
	if (landlock_abi() > 0)
		strv_add(ret, "landlock");
}

bool lsm_list(struct strv *ret)
{
	auto_free char *text = NULL;
	struct err ignored;

	if (file_read(AT_FDCWD, "/sys/kernel/security/lsm", 4096, &text, NULL, &ignored) == 0) {
		lsm_parse(text, ret);
		return true;
	}
	if (list_by_syscall(ret))
		return true;
	list_by_traces(ret);
	return false;
}

const char *landlock_why_none(int sys)
{
	switch (sys) {
	case ENOSYS:
		return "not in this kernel";
	case EOPNOTSUPP:
		return "in this kernel and was not switched on when it started";
	default:
		return "refused by a filter around rlc";
	}
}

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}
