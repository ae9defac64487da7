/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as values that fit one pipe write; every process of rlc uses them. */
#include "lib/base/err.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct err) <= PIPE_BUF, "must cross a pipe in one write");

int err_sys(struct err *e, const char *fmt, ...)
{
	va_list ap;

	*e = (struct err){.sys = errno, .exit = EXIT_LAUNCHER};
	va_start(ap, fmt);
	vsnprintf(e->what, sizeof(e->what), fmt, ap);
	va_end(ap);
	return -1;
}

int err_msg(struct err *e, const char *fmt, ...)
{
	va_list ap;

	*e = (struct err){.exit = EXIT_LAUNCHER};
	va_start(ap, fmt);
	vsnprintf(e->what, sizeof(e->what), fmt, ap);
	va_end(ap);
	return -1;
}

int err_ctx(struct err *e, const char *fmt, ...)
{
	char was[sizeof(e->what)];
	va_list ap;
	size_t room;
	int n;

	memcpy(was, e->what, sizeof(was));
	va_start(ap, fmt);
	n = vsnprintf(e->what, sizeof(e->what), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(e->what))
		return -1;
	room = sizeof(e->what) - (size_t)n;
	if (snprintf(e->what + n, room, ": %s", was) >= (int)room)
		strcpy(e->what + sizeof(e->what) - 4, "...");
	return -1;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	return -1;
}

int err_exit(struct err *e, int status)
{
	e->exit = status;
	return -1;
}
