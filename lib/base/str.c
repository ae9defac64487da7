/* SPDX-License-Identifier: Apache-2.0 */
/* Growing strings, and reading numbers and sizes out of them. */
#include "lib/base/str.h"

#include "lib/base/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void str_addn(struct str *t, const void *bytes, size_t n)
{
	if (t->len + n + 1 > t->room) {
		t->room = (t->len + n + 1) * 2;
		t->s = xreallocarray(t->s, t->room, 1);
	}
	if (n)
		memcpy(t->s + t->len, bytes, n);
	t->len += n;
	t->s[t->len] = '\0';
}

void str_add(struct str *t, const char *s)
{
	str_addn(t, s, strlen(s));
}

void str_addf(struct str *t, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	str_add(t, s);
	free(s);
}

/* Marks that put text into another order than it has (UAX 9), or end a line. */
static bool reorders(const unsigned char *s)
{
	if (s[0] == 0xd8)
		return s[1] == 0x9c; /* U+061C */
	if (s[0] != 0xe2)
		return false;
	if (s[1] == 0x80) /* U+200E, 200F, 2028 to 202E */
		return s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae);
	return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9; /* U+2066 to 2069 */
}

/*
 * Bytes of the UTF-8 character at s, or 0 where there is none (RFC 3629: no overlong form, no
 * surrogate, nothing above U+10FFFF) or where it is a C1 control, which a terminal obeys like ESC.
 */
static size_t printable_utf8(const unsigned char *s)
{
	if (reorders(s))
		return 0;
	if (s[0] == 0xc2)
		return s[1] >= 0xa0 && s[1] <= 0xbf ? 2 : 0;
	if (s[0] > 0xc2 && s[0] <= 0xdf)
		return (s[1] & 0xc0) == 0x80 ? 2 : 0;
	if ((s[0] & 0xf0) == 0xe0) {
		if ((s[1] & 0xc0) != 0x80 || (s[0] == 0xe0 && s[1] < 0xa0) ||
		    (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		return (s[2] & 0xc0) == 0x80 ? 3 : 0;
	}
	if (s[0] < 0xf0 || s[0] > 0xf4 || (s[1] & 0xc0) != 0x80 || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f) || (s[2] & 0xc0) != 0x80)
		return 0;
	return (s[3] & 0xc0) == 0x80 ? 4 : 0;
}

void str_add_visible(struct str *t, const char *s)
{
	while (*s) {
		unsigned char c = (unsigned char)*s;
		size_t n = c >= 0x20 && c < 0x7f ? 1 : printable_utf8((const unsigned char *)s);

		if (n)
			str_addn(t, s, n);
		else if (c == '\t')
			str_add(t, "\\t");
		else
			str_addf(t, "\\x%02x", c);
		s += n ? n : 1;
	}
}

const char *str_get(const struct str *t)
{
	return t->s ? t->s : "";
}

char *str_take(struct str *t)
{
	char *s = t->s ? t->s : xstrdup("");

	*t = (struct str){0};
	return s;
}

void str_free(struct str *t)
{
	free(t->s);
	*t = (struct str){0};
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

bool str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	char *end;
	long long v;

	if (!isdigit((unsigned char)s[0]) && !(s[0] == '-' && isdigit((unsigned char)s[1])))
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno || *end || v < min || v > max)
		return false;
	*ret = v;
	return true;
}

bool str_to_bytes(const char *s, int64_t *ret)
{
	static const char units[] = "bkmgtp";
	const char *unit;
	char *end;
	double v;

	if (!isdigit((unsigned char)s[0]) || strspn(s, "0123456789.") == 0)
		return false;
	v = strtod(s, &end);
	if (strspn(s, "0123456789.") != (size_t)(end - s))
		return false;
	if (*end) {
		unit = strchr(units, tolower((unsigned char)*end));
		if (!unit)
			return false;
		for (const char *u = units; u < unit; u++)
			v *= 1024;
		end++;
		if (unit != units && strcasecmp(end, "b") != 0 && strcasecmp(end, "ib") != 0 &&
		    *end)
			return false;
		if (unit == units && *end)
			return false;
	}
	if (!(v >= 0 && v < 9.2e18))
		return false;
	*ret = (int64_t)v;
	return true;
}

const char *str_human_bytes(char *buf, size_t room, uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double v = (double)bytes;
	size_t i = 0;

	/* From 999.5 on three digits would print as 1e+03. */
	while (v >= 999.5 && i + 1 < sizeof(units) / sizeof(units[0])) {
		v /= 1000;
		i++;
	}
	snprintf(buf, room, "%.3g %s", v, units[i]);
	return buf;
}

size_t str_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), best;
	size_t rows[3][65];

	if (n > 64 || m > 64)
		return n > m ? n : m;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			best = up[j - 1] + (a[i - 1] != b[j - 1]);
			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			now[j] = best;
		}
	}
	return rows[n % 3][m];
}
