/* SPDX-License-Identifier: Apache-2.0 */
/* Reading header lines that strangers wrote; in rlc-fetch. */
#include "storage/http_header.h"

#include "lib/base/auto.h"

#include <ctype.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct http_text trim(struct http_text t)
{
	while (t.n && is_blank(t.s[0])) {
		t.s++;
		t.n--;
	}
	while (t.n && is_blank(t.s[t.n - 1]))
		t.n--;
	return t;
}

bool http_is_token_char(char c)
{
	return c && (isalnum((unsigned char)c) || strchr("!#$%&'*+-.^_`|~", c));
}

int http_status(const char *line, size_t n)
{
	const char *blank = memchr(line, ' ', n);
	int status = 0;

	if (n < 5 || memcmp(line, "HTTP/", 5) != 0 || !blank || n - (size_t)(blank - line) < 4)
		return 0;
	for (int i = 1; i <= 3; i++) {
		if (!isdigit((unsigned char)blank[i]))
			return 0;
		status = status * 10 + (blank[i] - '0');
	}
	return status >= 100 && status < 600 ? status : 0;
}

bool http_header(const char *line, size_t n, const char *name, struct http_text *ret)
{
	size_t len = strlen(name);

	if (n <= len || line[len] != ':' || strncasecmp(line, name, len) != 0)
		return false;
	*ret = trim((struct http_text){line + len + 1, n - len - 1});
	return true;
}

/* Digits that t begins with; t moves on behind them. */
static bool take_number(struct http_text *t, uint64_t *ret)
{
	uint64_t v = 0;
	size_t at = 0;

	for (; at < t->n && isdigit((unsigned char)t->s[at]); at++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(t->s[at] - '0'), &v))
			return false;
	t->s += at;
	t->n -= at;
	*ret = v;
	return at > 0;
}

static bool take_char(struct http_text *t, char c)
{
	if (!t->n || t->s[0] != c)
		return false;
	t->s++;
	t->n--;
	return true;
}

bool http_number(struct http_text value, uint64_t *ret)
{
	uint64_t v;

	if (!take_number(&value, &v) || value.n)
		return false;
	*ret = v;
	return true;
}

bool http_content_range(struct http_text value, struct http_range *ret)
{
	struct http_range r = {.total = UINT64_MAX};

	if (value.n < 6 || strncasecmp(value.s, "bytes ", 6) != 0)
		return false;
	value.s += 6;
	value.n -= 6;
	if (!take_number(&value, &r.first) || !take_char(&value, '-') ||
	    !take_number(&value, &r.last) || !take_char(&value, '/'))
		return false;
	if (!take_char(&value, '*') && !take_number(&value, &r.total))
		return false;
	if (value.n || r.first > r.last || r.last >= r.total)
		return false;
	*ret = r;
	return true;
}

bool http_retry_after(struct http_text value, time_t now, uint64_t *ret_seconds)
{
	struct tm t = {0};
	char text[40];
	const char *end;
	time_t then;

	if (http_number(value, ret_seconds))
		return true;
	if (value.n >= sizeof(text))
		return false;
	memcpy(text, value.s, value.n);
	text[value.n] = '\0';
	/* The locale is "C": rlc-fetch never sets another. */
	end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &t);
	if (!end || *end)
		return false;
	then = timegm(&t);
	*ret_seconds = then > now ? (uint64_t)(then - now) : 0;
	return true;
}

void http_copy_word(struct http_text value, const char *ends, char *to, size_t room)
{
	size_t at = 0;

	to[0] = '\0';
	for (;
	     at < value.n && !is_blank(value.s[at]) && !(value.s[at] && strchr(ends, value.s[at]));
	     at++)
		if (at + 1 >= room || value.s[at] <= ' ' || value.s[at] > '~')
			return;
	for (size_t i = 0; i < at; i++)
		to[i] = (char)tolower((unsigned char)value.s[i]);
	to[at] = '\0';
}
