/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation that cannot fail: out of memory ends the process with 125 and a line on stderr. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull, nonnull));
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull, nonnull));
char *xasprintf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), malloc, returns_nonnull));
char *xvasprintf(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0), malloc, returns_nonnull));
/* A copy of s, or NULL for NULL. */
char *xstrdup_null(const char *s);
/* Frees *at and puts there a copy of s (NULL allowed). */
void xstr_set(char **at, const char *s);
