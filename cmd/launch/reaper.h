/* SPDX-License-Identifier: Apache-2.0 */
/* --init: PID 1 that only reaps and passes signals on. */
#pragma once
#include <sys/types.h>

/* Runs until `child` ends; returns its exit status as a shell would (128+N after signal N). */
int reaper_run(pid_t child);
