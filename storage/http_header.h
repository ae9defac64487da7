/* SPDX-License-Identifier: Apache-2.0 */
/* Header lines of HTTP answers (RFC 9110), as a stranger sends them. Pure; in rlc-fetch. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* A part of a line: not NUL-ended. */
struct http_text {
	const char *s;
	size_t n;
};

/* Content-Range: bytes FIRST-LAST/TOTAL (14.4). */
struct http_range {
	uint64_t first, last;
	uint64_t total; /* UINT64_MAX: "*" */
};

/* "HTTP/1.1 200 OK" → 200; 0 when the line is none that begins an answer. */
int http_status(const char *line, size_t n);
/* Whether the line is the header of that name; *ret is its value without blanks around it. */
bool http_header(const char *line, size_t n, const char *name, struct http_text *ret);
/* A decimal number and nothing else. */
bool http_number(struct http_text value, uint64_t *ret);
/* False unless it is a range of bytes in which first ≤ last < total. */
bool http_content_range(struct http_text value, struct http_range *ret);
/*
 * Retry-After, in seconds or as a date (5.6.7, the preferred format); now: seconds since 1970. A
 * date in the past is 0.
 */
bool http_retry_after(struct http_text value, time_t now, uint64_t *ret_seconds);
/*
 * Copies what may be shown (visible ASCII) up to the first blank or any of `ends`, in lower case;
 * room counts the NUL. Empty when it does not fit or holds anything else.
 */
void http_copy_word(struct http_text value, const char *ends, char *to, size_t room);
/* RFC 9110's token characters (5.6.2). */
bool http_is_token_char(char c);
