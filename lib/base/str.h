/* SPDX-License-Identifier: Apache-2.0 */
/* A growing string or byte buffer, and small questions about strings. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	char *s; /* NUL-ended once anything was added; NULL before */
	size_t len;
	size_t room;
};

#define auto_str __attribute__((cleanup(str_free)))

void str_add(struct str *t, const char *s);
void str_addn(struct str *t, const void *bytes, size_t n);
void str_addf(struct str *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * Adds s with control characters and what is not UTF-8 made visible, byte by byte (\xNN): what is
 * printed of untrusted text.
 */
void str_add_visible(struct str *t, const char *s);
const char *str_get(const struct str *t); /* "" when empty */
char *str_take(struct str *t);		  /* never NULL; leaves t empty */
void str_free(struct str *t);

bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
/* Whole text is a decimal number between min and max. */
bool str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret);
/* "512", "64k", "1.5g", "10mb", "2GiB": bytes, with powers of 1024 as podman has them. */
bool str_to_bytes(const char *s, int64_t *ret);
/* 1536 → "1.54 kB": decimal units as `podman images` prints them. buf of at least 16 bytes. */
const char *str_human_bytes(char *buf, size_t room, uint64_t bytes);
/* Edit distance with transposition, for "did you mean". */
size_t str_distance(const char *a, const char *b);
