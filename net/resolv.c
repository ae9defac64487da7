/* SPDX-License-Identifier: Apache-2.0 */
/* Name resolution files of a container; runs while planning. */
#include "net/resolv.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

char *resolv_hosts(const struct resolv_names *n)
{
	struct str t = {0};

	for (size_t i = 0; i < n->extra->n; i++)
		str_addf(&t, "%s\n", n->extra->v[i]);
	if (n->host_text) {
		str_add(&t, n->host_text);
		if (t.len && !str_ends(str_get(&t), "\n"))
			str_add(&t, "\n");
	} else {
		str_add(&t, "127.0.0.1\tlocalhost localhost.localdomain\n"
			    "::1\tlocalhost localhost.localdomain ip6-localhost ip6-loopback\n");
	}
	if (n->host_address)
		str_addf(&t, "%s\thost.containers.internal host.docker.internal\n",
			 n->host_address);
	str_addf(&t, "%s\t%s", n->address, n->hostname);
	if (n->name && strcmp(n->name, n->hostname) != 0)
		str_addf(&t, " %s", n->name);
	str_add(&t, "\n");
	return str_take(&t);
}

/* The words behind each line of resolv.conf(5) that begins with one of two keywords. */
static void words_of(const char *text, const char *keyword, const char *other, struct strv *to)
{
	auto_strv struct strv lines = {0};

	strv_split(&lines, text, "\r\n");
	for (size_t i = 0; i < lines.n; i++) {
		auto_strv struct strv words = {0};

		strv_split(&words, lines.v[i], " \t");
		if (!words.n ||
		    (strcmp(words.v[0], keyword) != 0 && strcmp(words.v[0], other) != 0))
			continue;
		/* Of several such lines the last counts. */
		if (strcmp(keyword, "search") == 0)
			strv_free(to);
		for (size_t j = 1; j < words.n; j++)
			strv_add(to, words.v[j]);
	}
}

static void add_line(struct str *t, const char *keyword, const struct strv *words)
{
	if (!words->n || (words->n == 1 && strcmp(words->v[0], ".") == 0))
		return;
	str_add(t, keyword);
	for (size_t i = 0; i < words->n; i++)
		str_addf(t, " %s", words->v[i]);
	str_add(t, "\n");
}

char *resolv_conf(const struct resolv_servers *s)
{
	auto_strv struct strv search = {0}, options = {0}, servers = {0};
	struct str t = {0};

	if (!s->server && !s->servers->n && !s->search->n && !s->options->n)
		return xstrdup(s->host_text);
	words_of(s->host_text, "search", "domain", &search);
	words_of(s->host_text, "options", "options", &options);
	if (s->servers->n)
		strv_copy(&servers, s->servers);
	else if (s->server)
		strv_add(&servers, s->server);
	else
		words_of(s->host_text, "nameserver", "nameserver", &servers);
	add_line(&t, "search", s->search->n ? s->search : &search);
	for (size_t i = 0; i < servers.n; i++)
		str_addf(&t, "nameserver %s\n", servers.v[i]);
	add_line(&t, "options", s->options->n ? s->options : &options);
	return str_take(&t);
}
