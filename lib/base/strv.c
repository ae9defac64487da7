/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of strings: arguments, environments, names. */
#include "lib/base/strv.h"

#include "lib/base/alloc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void strv_take(struct strv *s, char *item)
{
	/* Room for a power of two, the NULL counted: grown when that is full. */
	if ((s->n & (s->n + 1)) == 0)
		s->v = xreallocarray(s->v, 2 * (s->n + 1), sizeof(*s->v));
	s->v[s->n++] = item;
	s->v[s->n] = NULL;
}

void strv_add(struct strv *s, const char *item)
{
	strv_take(s, xstrdup(item));
}

void strv_addf(struct strv *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv_take(s, xvasprintf(fmt, ap));
	va_end(ap);
}

void strv_copy(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		strv_add(to, from->v[i]);
}

bool strv_has(const struct strv *s, const char *item)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], item) == 0)
			return true;
	return false;
}

void strv_split(struct strv *s, const char *text, const char *separators)
{
	while (*text) {
		size_t len = strcspn(text, separators);

		if (len)
			strv_take(s, xstrndup(text, len));
		text += len;
		text += strspn(text, separators);
	}
}

static size_t env_find(const struct strv *s, const char *key, size_t len)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (strncmp(s->v[i], key, len) == 0 && s->v[i][len] == '=')
			break;
	return i;
}

void strv_env_set(struct strv *s, const char *assignment)
{
	size_t at = env_find(s, assignment, strcspn(assignment, "="));

	if (at < s->n)
		xstr_set(&s->v[at], assignment);
	else
		strv_add(s, assignment);
}

const char *strv_env_get(const struct strv *s, const char *key)
{
	size_t len = strlen(key), at = env_find(s, key, len);

	return at < s->n ? s->v[at] + len + 1 : NULL;
}

void strv_env_unset(struct strv *s, const char *key)
{
	size_t at = env_find(s, key, strlen(key));

	if (at == s->n)
		return;
	free(s->v[at]);
	memmove(s->v + at, s->v + at + 1, (s->n - at) * sizeof(*s->v));
	s->n--;
}

char *const *strv_list(const struct strv *s)
{
	static char *const empty[] = {NULL};

	return s->v ? s->v : empty;
}

void strv_free(struct strv *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
	*s = (struct strv){0};
}
