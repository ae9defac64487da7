/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the resource limits of a process. */
#pragma once

/* RLIMIT_NOFILE → "nofile", as ulimit options and getrlimit(2) call it; NULL: there is none. */
const char *rlimit_name(int resource);
/* The contrary; -1: no limit is called so. */
int rlimit_number(const char *name);
