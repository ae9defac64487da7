/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up capabilities and system calls; runs in init. */
#include "lib/kernel/confine.h"

#include "lib/base/err.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has(uint64_t set, int n)
{
	return (set >> n & 1) != 0;
}

int confine_bounding(uint64_t keep, struct err *e)
{
	/* Upwards until the kernel knows no more: also what is newer than our headers goes. */
	for (int n = 0; n < 64; n++) {
		if (has(keep, n))
			continue;
		if (prctl(PR_CAPBSET_DROP, n, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL)
			break;
		return err_sys(e, "drop capability %d from the bounding set", n);
	}
	return 0;
}

static int set(uint64_t permitted, uint64_t effective, uint64_t inheritable, struct err *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
	    {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
	    {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32),
	     (uint32_t)(inheritable >> 32)},
	};

	if (syscall(SYS_capset, &head, data) < 0)
		return err_sys(e, "set capabilities");
	return 0;
}

static int permitted_now(uint64_t *ret, struct err *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return err_sys(e, "read capabilities");
	*ret = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

int confine_ambient(struct confine_caps *c, struct err *e)
{
	uint64_t now = 0;

	if (permitted_now(&now, e) < 0)
		return -1;
	c->permitted &= now;
	c->effective &= now;
	c->inheritable &= now;
	c->ambient &= now;
	if (set(now, now, c->inheritable, e) < 0)
		return -1;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_sys(e, "clear ambient capabilities");
	for (int n = 0; n < 64; n++)
		if (has(c->ambient, n) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, n, 0, 0) < 0)
			return err_sys(e, "raise ambient capability %d", n);
	return 0;
}

int confine_caps_set(const struct confine_caps *c, struct err *e)
{
	return set(c->permitted, c->effective, c->inheritable, e);
}

int confine_keyring(bool filtered, struct err *e)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS ||
	    filtered)
		return 0;
	err_sys(e, "make a session keyring");
	return err_hint(e, "the kernel's limit of keys for a user is reached: sudo sysctl "
			   "kernel.keys.maxkeys=2000, or run with seccomp");
}

int confine_filter(const struct sock_filter *insns, size_t n, uint32_t flags, struct err *e)
{
	struct sock_fprog program = {.len = (unsigned short)n,
				     .filter = (struct sock_filter *)(uintptr_t)insns};

	if (!insns)
		return 0;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) < 0)
		return err_sys(e, "load the seccomp filter");
	return 0;
}
