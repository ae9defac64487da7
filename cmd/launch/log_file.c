/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a container's log in the monitor; reads it in `rlc logs`. */
#include "cmd/launch/log_file.h"

#include "lib/base/auto.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"

static const char *const stream_names[] = {[LOG_STDOUT] = "stdout", [LOG_STDERR] = "stderr"};

void log_time_format(char *buf, size_t room, struct timespec t)
{
	struct tm tm;
	size_t n;

	gmtime_r(&t.tv_sec, &tm);
	n = strftime(buf, room, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, room - n, ".%09ld+00:00", t.tv_nsec);
}

int log_file_write(int fd, enum log_stream stream, struct timespec now, const void *bytes, size_t n)
{
	auto_str struct str out = {0};
	const char *at = bytes;
	char time[40], head[64];
	size_t head_len;

	log_time_format(time, sizeof(time), now);
	head_len = (size_t)snprintf(head, sizeof(head), "%s %s F ", time, stream_names[stream]);
	while (n) {
		const char *newline = memchr(at, '\n', n);
		size_t len = newline ? (size_t)(newline - at) : n;

		head[head_len - 2] = newline ? 'F' : 'P';
		str_addn(&out, head, head_len);
		str_addn(&out, at, len);
		str_addn(&out, "\n", 1);
		len += newline != NULL;
		at += len;
		n -= len;
	}
	return fd_write_all(fd, out.s, out.len);
}

/* Reads `digits` digits at *at, moves it on. */
static bool take_number(const char **at, const char *end, int digits, int min, int max, int *ret)
{
	int v = 0;

	for (int i = 0; i < digits; i++, (*at)++) {
		if (*at == end || **at < '0' || **at > '9')
			return false;
		v = v * 10 + (**at - '0');
	}
	*ret = v;
	return v >= min && v <= max;
}

static bool take_char(const char **at, const char *end, const char *allowed, char *ret)
{
	if (*at == end || !**at || !strchr(allowed, **at))
		return false;
	*ret = *(*at)++;
	return true;
}

/* ".123" as nanoseconds; none is 0. */
static bool take_fraction(const char **at, const char *end, int64_t *ret)
{
	int64_t unit = 100000000;

	*ret = 0;
	if (*at == end || **at != '.')
		return true;
	for ((*at)++; *at < end && **at >= '0' && **at <= '9'; (*at)++, unit /= 10) {
		if (unit == 0)
			return false;
		*ret += unit * (**at - '0');
	}
	return unit < 100000000;
}

/* "Z" or "+01:00", in seconds. */
static bool take_offset(const char **at, const char *end, int64_t *ret)
{
	int hours, minutes;
	char sign, colon;

	if (!take_char(at, end, "Zz+-", &sign))
		return false;
	*ret = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (!take_number(at, end, 2, 0, 23, &hours) || !take_char(at, end, ":", &colon) ||
	    !take_number(at, end, 2, 0, 59, &minutes))
		return false;
	*ret = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
	return true;
}

bool log_time_parse(const char *text, size_t n, int64_t *ret_ns)
{
	const char *at = text, *end = text + n;
	struct tm tm = {0};
	int64_t nanos, offset;
	int year, month;
	char c;

	if (!take_number(&at, end, 4, 1970, 2261, &year) || !take_char(&at, end, "-", &c) ||
	    !take_number(&at, end, 2, 1, 12, &month) || !take_char(&at, end, "-", &c) ||
	    !take_number(&at, end, 2, 1, 31, &tm.tm_mday) || !take_char(&at, end, "Tt ", &c) ||
	    !take_number(&at, end, 2, 0, 23, &tm.tm_hour) || !take_char(&at, end, ":", &c) ||
	    !take_number(&at, end, 2, 0, 59, &tm.tm_min) || !take_char(&at, end, ":", &c) ||
	    !take_number(&at, end, 2, 0, 60, &tm.tm_sec) || !take_fraction(&at, end, &nanos) ||
	    !take_offset(&at, end, &offset) || at != end)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	*ret_ns = ((int64_t)timegm(&tm) - offset) * 1000000000 + nanos;
	return *ret_ns >= 0;
}

ssize_t log_entry_parse(const char *buf, size_t n, struct log_entry *ret)
{
	const char *newline = memchr(buf, '\n', n), *space, *at;
	struct log_entry entry = {0};
	size_t left;

	if (!newline)
		return 0;
	space = memchr(buf, ' ', (size_t)(newline - buf));
	if (!space || !log_time_parse(buf, (size_t)(space - buf), &entry.time_ns))
		return -1;
	at = space + 1;
	left = (size_t)(newline - at);
	/* "stdout F " */
	if (left < 9 || at[6] != ' ' || at[8] != ' ' || (at[7] != 'F' && at[7] != 'P'))
		return -1;
	if (memcmp(at, stream_names[LOG_STDERR], 6) == 0)
		entry.stream = LOG_STDERR;
	else if (memcmp(at, stream_names[LOG_STDOUT], 6) != 0)
		return -1;
	entry.partial = at[7] == 'P';
	entry.text = at + 9;
	entry.len = left - 9;
	*ret = entry;
	return newline + 1 - buf;
}
