/* SPDX-License-Identifier: Apache-2.0 */
/* Notices and debug lines on stderr, one write(2) each so that processes do not mix theirs. */
#include "lib/base/log.h"

#include "lib/base/auto.h"
#include "lib/base/str.h"

#include <stdarg.h>

static enum log_level log_level = LOG_WARN;

int log_level_parse(const char *name)
{
	static const struct {
		const char *name;
		enum log_level level;
	} names[] = {
	    {"trace", LOG_DEBUG},  {"debug", LOG_DEBUG}, {"info", LOG_INFO},   {"warn", LOG_WARN},
	    {"warning", LOG_WARN}, {"error", LOG_ERROR}, {"fatal", LOG_ERROR}, {"panic", LOG_ERROR},
	};

	for (size_t i = 0; i < array_len(names); i++)
		if (strcmp(name, names[i].name) == 0)
			return (int)names[i].level;
	return -1;
}

void log_set_level(enum log_level level)
{
	log_level = level;
}

enum log_level log_get_level(void)
{
	return log_level;
}

static void __attribute__((format(printf, 2, 0)))
say(enum log_level level, const char *fmt, va_list ap)
{
	char line[2048];
	int n, m;

	if (level > log_level)
		return;
	n = snprintf(line, sizeof(line), level == LOG_WARN ? "rlc: notice: " : "rlc: ");
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	if (m < 0)
		return;
	n += m;
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, (size_t)n); /* nowhere else to say it */
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_WARN, fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_INFO, fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	if (log_level < LOG_DEBUG)
		return;
	va_start(ap, fmt);
	say(LOG_DEBUG, fmt, ap);
	va_end(ap);
}

void log_relay(const char *who, const char *line)
{
	auto_str struct str shown = {0};

	if (!str_starts(line, "rlc: "))
		str_addf(&shown, "%s: ", who);
	str_add_visible(&shown, line);
	str_add(&shown, "\n");
	(void)!write(STDERR_FILENO, shown.s, shown.len); /* as above */
}
