/* SPDX-License-Identifier: Apache-2.0 */
/* A profile becomes a program for the kernel. The only file that calls libseccomp's compiler. */
#pragma once
#include "seccomp/filter.h"

struct profile;

/*
 * Fills insns, n and flags of *ret. Only the native ABI is let in: another one kills the process,
 * x32's numbers and those newer than the table answer ENOSYS (unless the default lets calls
 * through). name is for messages.
 *
 * Where rules disagree about one system call, libseccomp's order holds, as under runc and crun: a
 * rule without conditions beats those with, the first one the later; a rule with the default's
 * own action says nothing. A refusal lost in that way is told by a warning.
 */
int compile_profile(const struct profile *p, const char *name, struct filter *ret, struct err *e);
