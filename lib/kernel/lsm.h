/* SPDX-License-Identifier: Apache-2.0 */
/* Which security modules this kernel runs, and what Landlock it offers. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct strv;

/*
 * Appends the names of the active modules ("capability", "landlock", …), in the kernel's order:
 * from securityfs, else lsm_list_modules(2) (Linux 6.8), else those that leave a trace in /proc and
 * /sys. False: only the last way was open, so the list may lack some.
 */
bool lsm_list(struct strv *ret);
/* Text of /sys/kernel/security/lsm: "lockdown,capability,landlock" (pure). */
void lsm_parse(const char *text, struct strv *ret);
/* Landlock's ABI version, 0 where the kernel has none or it is switched off. */
int landlock_abi(void);
/*
 * Why there is none, in words that follow "Landlock is", by the errno that the kernel answered
 * (landlock(7): ENOSYS, EOPNOTSUPP); the FEATURE_LANDLOCK probe returns it.
 */
const char *landlock_why_none(int sys);
