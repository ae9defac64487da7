/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image references, in whatever process reads one: pure text, no file and no network. The grammar
 * is distribution/reference's; the defaults are docker.io/library and :latest.
 */
#include "storage/reference.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <string.h>

#define LOWER	     "abcdefghijklmnopqrstuvwxyz"
#define UPPER	     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	     "0123456789"
#define ALNUM	     LOWER UPPER DIGITS
#define HEX	     DIGITS "abcdef"
#define NAME_MAX_LEN 255 /* of domain and path together */
#define TAG_MAX_LEN  128

bool reference_is_id(const char *text)
{
	size_t n = strlen(text);

	return n >= 1 && n <= 64 && strspn(text, HEX) == n;
}

bool reference_is_digest(const char *text)
{
	return str_starts(text, "sha256:") && strlen(text) == 7 + 64 && strspn(text + 7, HEX) == 64;
}

/* Length of the domain that text begins with, or 0. */
static size_t domain_len(const char *text)
{
	size_t n = strcspn(text, "/");

	if (text[n] != '/')
		return 0;
	if (n == 9 && memcmp(text, "localhost", 9) == 0)
		return n;
	for (size_t i = 0; i < n; i++)
		if (strchr(".:[" UPPER, text[i]))
			return n;
	return 0;
}

bool reference_is_short(const char *text)
{
	return domain_len(text) == 0;
}

/* One label of a host name: letters, digits and inner dashes. */
static size_t host_label_len(const char *s)
{
	size_t n = strspn(s, ALNUM "-");

	return n && s[0] != '-' && s[n - 1] != '-' ? n : 0;
}

static bool domain_is_valid(const char *s)
{
	size_t n;

	if (*s == '[') {
		n = strspn(s + 1, DIGITS "abcdefABCDEF:");
		if (n < 2 || s[n + 1] != ']')
			return false;
		s += n + 2;
	} else {
		for (;; s++) {
			n = host_label_len(s);
			if (!n)
				return false;
			s += n;
			if (*s != '.')
				break;
		}
	}
	if (*s == ':') {
		n = strspn(s + 1, DIGITS);
		if (n < 1 || n > 5)
			return false;
		s += n + 1;
	}
	return *s == '\0';
}

/* [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*: length of one path component, or 0. */
static size_t component_len(const char *s)
{
	size_t at = strspn(s, LOWER DIGITS);

	while (at) {
		size_t gap = strspn(s + at, "-"), word;

		if (gap == 0)
			gap = s[at] == '.' ? 1 : strspn(s + at, "_");
		if (gap == 0 || s[at] == '\0')
			return at;
		word = strspn(s + at + gap, LOWER DIGITS);
		if (word == 0 || (s[at] == '_' && gap > 2))
			return 0;
		at += gap + word;
	}
	return 0;
}

static bool path_is_valid(const char *s)
{
	for (;; s++) {
		size_t n = component_len(s);

		if (!n)
			return false;
		s += n;
		if (*s != '/')
			return *s == '\0';
	}
}

bool reference_is_tag(const char *text)
{
	size_t n = strlen(text);

	return n >= 1 && n <= TAG_MAX_LEN && text[0] != '.' && text[0] != '-' &&
	       strspn(text, ALNUM "_.-") == n;
}

static int refuse(const char *text, const char *why, struct err *e)
{
	auto_str struct str shown = {0};

	str_add_visible(&shown, text);
	err_msg(e, "\"%.300s\" is not an image name: %s", str_get(&shown), why);
	return err_hint(e,
			"a name looks like alpine, localhost/app:1.0 or registry.example/app:1.0");
}

/* "docker://alpine", "https://registry.example/app": what stands in other tools and in browsers. */
static int refuse_scheme(const char *text, struct err *e)
{
	const int n = (int)(strstr(text, "://") - text) + 3;

	refuse(text, "it begins with a scheme", e);
	if (n <= 16 && strspn(text, ALNUM) == (size_t)n - 3)
		err_hint(e, "leave \"%.*s\" out", n, text);
	return -1;
}

/* Cuts "@digest" and ":tag" off name and keeps them in r. */
static int split_tail(char *name, const char *text, struct reference *r, struct err *e)
{
	char *at = strchr(name, '@'), *slash, *colon;

	if (at) {
		*at = '\0';
		if (!reference_is_digest(at + 1))
			return refuse(text, "the digest after @ must be sha256: and 64 hex digits",
				      e);
		r->digest = xstrdup(at + 1);
	}
	slash = strrchr(name, '/');
	colon = strchr(slash ? slash : name, ':');
	if (colon) {
		*colon = '\0';
		if (!reference_is_tag(colon + 1))
			return refuse(text,
				      "the tag after : holds other than letters, digits, _ . -", e);
		r->tag = xstrdup(colon + 1);
	} else if (!r->digest) {
		r->tag = xstrdup("latest");
	}
	return 0;
}

/* Fills in what people leave out: docker.io and its library/. */
static void split_domain(const char *name, const char *default_domain, struct reference *r)
{
	size_t n = domain_len(name);
	const char *path = n ? name + n + 1 : name;

	r->domain = n ? xstrndup(name, n) : xstrdup(default_domain);
	if (strcmp(r->domain, "index.docker.io") == 0)
		xstr_set(&r->domain, "docker.io");
	if (strcmp(r->domain, "docker.io") == 0 && !strchr(path, '/'))
		r->path = xasprintf("library/%s", path);
	else
		r->path = xstrdup(path);
}

static int parse(const char *text, const char *default_domain, struct reference *r, struct err *e)
{
	auto_free char *name = xstrdup(text);

	if (strstr(text, "://"))
		return refuse_scheme(text, e);
	if (strlen(text) == 64 && reference_is_id(text))
		return refuse(text, "64 hex digits alone are an image's id", e);
	if (split_tail(name, text, r, e) < 0)
		return -1;
	split_domain(name, default_domain, r);
	if (!domain_is_valid(r->domain))
		return refuse(text, "the part before the first / is not a host", e);
	if (strpbrk(r->path, UPPER))
		return refuse(text, "it must be lower case", e);
	if (!path_is_valid(r->path))
		return refuse(text,
			      "its parts are lower-case letters and digits with . _ - between", e);
	if (strlen(r->domain) + 1 + strlen(r->path) > NAME_MAX_LEN)
		return refuse(text, "it is longer than 255 bytes", e);
	return 0;
}

static int parse_into(const char *text, const char *default_domain, struct reference *ret,
		      struct err *e)
{
	struct reference r = {0};

	if (parse(text, default_domain, &r, e) < 0) {
		reference_free(&r);
		return -1;
	}
	*ret = r;
	return 0;
}

int reference_parse(const char *text, struct reference *ret, struct err *e)
{
	return parse_into(text, "docker.io", ret, e);
}

int reference_parse_local(const char *text, struct reference *ret, struct err *e)
{
	return parse_into(text, "localhost", ret, e);
}

char *reference_full(const struct reference *r)
{
	return xasprintf("%s/%s%s%s%s%s", r->domain, r->path, r->tag ? ":" : "",
			 r->tag ? r->tag : "", r->digest ? "@" : "", r->digest ? r->digest : "");
}

void reference_free(struct reference *r)
{
	free(r->domain);
	free(r->path);
	free(r->tag);
	free(r->digest);
	*r = (struct reference){0};
}
