/* SPDX-License-Identifier: Apache-2.0 */
/* The freezer of control groups (Linux 5.2): all of a container's processes stop at once. */
#pragma once
#include <stdbool.h>

struct err;

/*
 * Stops every process of the group at `path`, an absolute folder, and below, and waits up to
 * `millis` until the kernel says that they stand. Those that do not are let go again, and the error
 * says why that may be.
 */
int cgroup_freeze(const char *path, int millis, struct err *e);
/* Lets them go on. A group that is gone is success. */
int cgroup_thaw(const char *path, struct err *e);
/* Whether it was frozen, by whomever; false too where there is no such group, or no freezer. */
bool cgroup_is_frozen(const char *path);
