/* SPDX-License-Identifier: Apache-2.0 */
/* Prints a container's log file: stdout's entries to stdout, stderr's to stderr. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct dirs;
struct str;

struct log_print {
	int64_t since_ns, until_ns;
	int64_t tail; /* lines, -1: all */
	bool follow, times;
	bool plain; /* on a terminal of ours control characters are made visible */
};

int log_print(const struct dirs *d, const char *id, const char *path, const struct log_print *p,
	      struct err *e);
/* Adds n bytes, with control characters but tab made visible (pure). */
void log_add_plain(struct str *to, const char *text, size_t n);
