/* SPDX-License-Identifier: Apache-2.0 */
/* Reading challenges that strangers wrote; in rlc-fetch. */
#include "storage/challenge.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "storage/http_header.h"

#include <strings.h>

struct cursor {
	const char *at, *end;
};

static bool is_at(const struct cursor *c, char wanted)
{
	return c->at < c->end && *c->at == wanted;
}

static void skip(struct cursor *c, const char *set)
{
	while (c->at < c->end && *c->at && strchr(set, *c->at))
		c->at++;
}

static struct http_text token(struct cursor *c)
{
	const char *begin = c->at;

	while (c->at < c->end && http_is_token_char(*c->at))
		c->at++;
	return (struct http_text){begin, (size_t)(c->at - begin)};
}

static bool is_word(struct http_text t, const char *word)
{
	return t.n == strlen(word) && strncasecmp(t.s, word, t.n) == 0;
}

/* A quoted string (5.6.4) or a token; false when it holds what may not be shown or has no end. */
static bool value(struct cursor *c, struct str *ret)
{
	if (!is_at(c, '"')) {
		struct http_text t = token(c);

		str_addn(ret, t.s, t.n);
		return true;
	}
	for (c->at++; c->at < c->end && *c->at != '"'; c->at++) {
		if (*c->at == '\\' && c->at + 1 < c->end)
			c->at++;
		if (*c->at < ' ' || *c->at > '~')
			return false;
		str_addn(ret, c->at, 1);
	}
	if (!is_at(c, '"'))
		return false;
	c->at++;
	return true;
}

static void keep(struct challenge *c, struct http_text name, const struct str *text)
{
	const struct {
		const char *name;
		char **at;
	} members[] = {{"realm", &c->realm}, {"service", &c->service}, {"scope", &c->scope}};

	for (size_t i = 0; i < array_len(members); i++)
		if (is_word(name, members[i].name) && !*members[i].at && text->len &&
		    text->len <= CHALLENGE_TEXT_MAX)
			*members[i].at = xstrdup(str_get(text));
}

/* One NAME=VALUE; false: there is none here, but the end or the next challenge. */
static bool parameter(struct cursor *c, struct challenge *ret)
{
	const struct cursor before = *c;
	struct http_text name = token(c);
	auto_str struct str text = {0};

	skip(c, " \t");
	if (!name.n || !is_at(c, '=')) {
		*c = before;
		return false;
	}
	c->at++;
	skip(c, " \t");
	if (!value(c, &text)) {
		c->at = c->end; /* where it ends nobody can tell */
		return false;
	}
	keep(ret, name, &text);
	skip(c, "= \t"); /* the padding of a token68, which is what this was then */
	return is_at(c, ',') || c->at == c->end;
}

static enum challenge_scheme scheme_of(struct http_text name)
{
	if (is_word(name, "Bearer"))
		return CHALLENGE_BEARER;
	return is_word(name, "Basic") ? CHALLENGE_BASIC : CHALLENGE_OTHER;
}

static void one(struct cursor *c, struct challenge *best)
{
	struct http_text name = token(c);
	struct challenge got = {.scheme = scheme_of(name)};

	if (!name.n) {
		c->at++; /* no token begins with it: look behind it */
		return;
	}
	skip(c, " \t");
	while (c->at < c->end && parameter(c, &got))
		skip(c, ", \t");
	if (got.scheme == CHALLENGE_BEARER && !got.realm)
		got.scheme = CHALLENGE_OTHER;
	if (got.scheme > best->scheme) {
		challenge_free(best);
		*best = got;
	} else {
		challenge_free(&got);
	}
}

void challenge_take(struct challenge *best, const char *text, size_t n)
{
	struct cursor c = {text, text + n};

	for (skip(&c, ", \t"); c.at < c.end; skip(&c, ", \t"))
		one(&c, best);
}

void challenge_free(struct challenge *c)
{
	free(c->realm);
	free(c->service);
	free(c->scope);
	*c = (struct challenge){0};
}
