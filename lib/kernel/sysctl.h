/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel switches below /proc/sys, any of which an older or leaner kernel may lack. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * name as sysctl(8) has it, but with slashes ("kernel/unprivileged_userns_clone"). buf gets the
 * value without its newline. False: the switch is absent or may not be read.
 */
bool sysctl_read(const char *name, char *buf, size_t room);
/* A switch that holds one whole number; false also when it holds something else. */
bool sysctl_read_i64(const char *name, int64_t *ret);
/* "0\t2147483647": two numbers, as ping_group_range holds them (pure). False: anything else. */
bool sysctl_parse_range(const char *text, int64_t *ret_low, int64_t *ret_high);
