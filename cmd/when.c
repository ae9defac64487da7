/* SPDX-License-Identifier: Apache-2.0 */
/* Reads --since and --until. */
#include "cmd/when.h"

#include "cmd/launch/log_file.h"
#include "lib/base/err.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Go's time.Duration, of which podman takes all: "1h30m", "1.5h", "300ms". */
static bool parse_span(const char *text, int64_t *ret)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
	    {"ns", 1},	       {"us", 1000},	   {"ms", 1000000},
	    {"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000},
	};
	int64_t sum = 0;

	if (!*text)
		return false;
	while (*text) {
		double value = 0, place = 1;
		size_t n, unit = sizeof(units) / sizeof(units[0]);
		bool digits = false;

		for (; *text >= '0' && *text <= '9'; text++, digits = true)
			value = value * 10 + (*text - '0');
		if (*text == '.')
			for (text++; *text >= '0' && *text <= '9'; text++, digits = true)
				value += (*text - '0') * (place /= 10);
		n = strspn(text, "nusmh");
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (strlen(units[i].name) == n && strncmp(text, units[i].name, n) == 0)
				unit = i;
		if (!digits || unit == sizeof(units) / sizeof(units[0]))
			return false;
		value *= (double)units[unit].ns;
		if (value > 9e18 || sum > INT64_MAX - (int64_t)value)
			return false;
		sum += (int64_t)value;
		text += n;
	}
	*ret = sum;
	return true;
}

/* "1767225600.5" */
static bool parse_seconds(const char *text, int64_t *ret)
{
	int64_t seconds = 0, unit = 100000000, nanos = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		seconds = seconds * 10 + (*text - '0');
		if (seconds > INT64_MAX / 1000000000 - 1)
			return false;
	}
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
			nanos += unit * (*text - '0');
	*ret = seconds * 1000000000 + nanos;
	return *text == '\0';
}

/* A date, or date and time without a zone. */
static bool parse_local(const char *text, int64_t *ret)
{
	char whole[48];
	struct tm tm = {.tm_isdst = -1}, *broken;
	int64_t ns;
	time_t t;
	int n =
	    snprintf(whole, sizeof(whole), "%s%sZ", text, strlen(text) == 10 ? "T00:00:00" : "");

	if (n < 0 || (size_t)n >= sizeof(whole) || !log_time_parse(whole, (size_t)n, &ns))
		return false;
	/* The same digits on the clock of this zone. */
	t = (time_t)(ns / 1000000000);
	broken = gmtime_r(&t, &tm);
	if (!broken)
		return false;
	tm.tm_isdst = -1;
	t = mktime(&tm);
	if (t < 0)
		return false;
	*ret = (int64_t)t * 1000000000 + ns % 1000000000;
	return true;
}

int when_parse(const char *text, int64_t now_ns, int64_t *ret_ns, struct err *e)
{
	int64_t span;

	if (log_time_parse(text, strlen(text), ret_ns) || parse_seconds(text, ret_ns) ||
	    parse_local(text, ret_ns))
		return 0;
	if (parse_span(text, &span)) {
		*ret_ns = span < now_ns ? now_ns - span : 0;
		return 0;
	}
	err_msg(e, "not a time");
	return err_hint(e, "write 10m, 1h30m, 2026-01-01T00:00:00Z, or seconds since 1970");
}
