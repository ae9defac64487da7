/* SPDX-License-Identifier: Apache-2.0 */
/* A list of owned strings, always ended by NULL once anything was added. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct strv {
	char **v; /* NULL while empty and never added to; use strv_list() for an argv */
	size_t n;
};

#define auto_strv __attribute__((cleanup(strv_free)))

void strv_add(struct strv *s, const char *item);
void strv_addf(struct strv *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Takes ownership of item. */
void strv_take(struct strv *s, char *item);
void strv_copy(struct strv *to, const struct strv *from); /* appends */
bool strv_has(const struct strv *s, const char *item);
/* Adds every piece of text between separators; empty pieces are kept out. */
void strv_split(struct strv *s, const char *text, const char *separators);
/* "K=V": replaces the item that begins with the same "K=", or adds it. */
void strv_env_set(struct strv *s, const char *assignment);
/* Value of K, or NULL. */
const char *strv_env_get(const struct strv *s, const char *key);
void strv_env_unset(struct strv *s, const char *key);
/* NULL-ended array for exec, never NULL itself. */
char *const *strv_list(const struct strv *s);
void strv_free(struct strv *s); /* leaves it empty */
