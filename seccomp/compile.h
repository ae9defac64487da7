/* SPDX-License-Identifier: Apache-2.0 */
/* A profile becomes a program for the kernel. The only file that calls libseccomp's compiler. */
#pragma once
#include "seccomp/filter.h"

struct profile;

/*
 * Fills insns, n and flags of *ret. Only the native ABI is let in: another one kills the process;
 * x32's numbers, and those newer than the table unless the default lets calls through, answer
 * ENOSYS. name is for messages.
 *
 * Where several rules match one call the strictest holds, as if each were a filter of its own
 * (seccomp(2)): an explicit refusal is never lost. (libseccomp, and so runc and crun, let a rule
 * without conditions win over one with them.) Of two rules without conditions the first holds, as
 * there: Podman's own profile has such pairs. Conditions are ANDed; where a rule has two on the
 * same argument, each stands alone, as in runc and crun.
 */
int compile_profile(const struct profile *p, const char *name, struct filter *ret, struct err *e);
