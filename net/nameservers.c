/* SPDX-License-Identifier: Apache-2.0 */
/* Reads resolv.conf's name servers; pure, runs in rlc-net. */
#include "net/nameservers.h"

#include <arpa/inet.h>
#include <string.h>

static const char *end_of_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline : end;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The word after "nameserver", cut into address and scope; false when it is no such line. */
static bool parse_line(const char *at, const char *end, struct nameserver *ret)
{
	static const char keyword[] = "nameserver";
	size_t n = sizeof(keyword) - 1;
	char text[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
	char *scope;

	if ((size_t)(end - at) <= n || memcmp(at, keyword, n) != 0 || !is_blank(at[n]))
		return false;
	for (at += n; at < end && is_blank(*at); at++)
		;
	for (n = 0; at + n < end && !is_blank(at[n]); n++)
		;
	if (n == 0 || n >= sizeof(text))
		return false;
	memcpy(text, at, n);
	text[n] = '\0';
	*ret = (struct nameserver){0};
	scope = strchr(text, '%');
	if (scope) {
		*scope++ = '\0';
		if (strlen(scope) >= sizeof(ret->scope))
			return false;
		memcpy(ret->scope, scope, strlen(scope) + 1);
	}
	ret->is_ipv6 = strchr(text, ':') != NULL;
	return inet_pton(ret->is_ipv6 ? AF_INET6 : AF_INET, text, ret->address) == 1;
}

size_t nameservers_parse(const char *text, size_t n, struct nameserver ret[NAMESERVERS_MAX])
{
	const char *at = text, *end = text + n;
	size_t found = 0;

	while (at < end && found < NAMESERVERS_MAX) {
		const char *line_end = end_of_line(at, end);

		found += parse_line(at, line_end, &ret[found]);
		at = line_end + 1;
	}
	if (found)
		return found;
	ret[0] = (struct nameserver){.address = {127, 0, 0, 1}};
	return 1;
}
