/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that Debian's libseccomp does not know, before libseccomp's own table. */
#include "seccomp/syscalls.h"

#include "lib/base/auto.h"

#include <seccomp.h>

/*
 * Numbers from 424 up are the same on every machine (Documentation/process/adding-syscalls.rst,
 * scripts/syscall.tbl). libseccomp 2.5.4 ends at 450, Debian's patched one at 456.
 */
static const struct {
	const char *name;
	int number;
} newer[] = {
    {"cachestat", 451},
    {"fchmodat2", 452},
    {"map_shadow_stack", 453},
    {"futex_wake", 454},
    {"futex_wait", 455},
    {"futex_requeue", 456},
    {"statmount", 457},
    {"listmount", 458},
    {"lsm_get_self_attr", 459},
    {"lsm_set_self_attr", 460},
    {"lsm_list_modules", 461},
    {"mseal", 462},
    {"setxattrat", 463},
    {"getxattrat", 464},
    {"listxattrat", 465},
    {"removexattrat", 466},
    {"open_tree_attr", 467},
    {"file_getattr", 468},
    {"file_setattr", SYSCALL_LAST},
#if defined(__x86_64__)
    /* Entered by the kernel's own trampolines of user probes, never by a program itself. */
    {"uretprobe", 335},
    {"uprobe", 336},
#elif defined(__riscv)
    {"riscv_hwprobe", 258},
#endif
};

int syscall_number(const char *name)
{
	int number;

	for (size_t i = 0; i < array_len(newer); i++)
		if (strcmp(newer[i].name, name) == 0)
			return newer[i].number;
	/* Below zero: unknown, or one of libseccomp's stand-ins for another machine's call. */
	number = seccomp_syscall_resolve_name(name);
	return number < 0 ? -1 : number;
}
