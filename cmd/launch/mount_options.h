/* SPDX-License-Identifier: Apache-2.0 */
/* Mount flags as words: what mount(8), the runtime-spec and `rlc run --dry-run` call them. */
#pragma once
#include "lib/base/strv.h"

struct plan_mount;

/*
 * Appends the options of a mount in the words of the runtime-spec (config.md "Mounts"): bind or
 * rbind, ro or rw, nosuid …, the propagation, tmpcopyup, then what the file system itself is given.
 */
void mount_options(const struct plan_mount *m, struct strv *ret);
