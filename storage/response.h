/* SPDX-License-Identifier: Apache-2.0 */
/* The head of one HTTP answer, gathered line by line; of redirects the last counts. In rlc-fetch.
 */
#pragma once
#include "storage/challenge.h"
#include "storage/fetch_wire.h"
#include "storage/http_header.h"

/* Bytes of all header lines of one request. */
enum { RESPONSE_HEADERS_MAX = 64 << 10 };

struct response {
	int status;	      /* 0: none came yet */
	uint64_t length;      /* UINT64_MAX: not announced */
	uint64_t retry_after; /* seconds; UINT64_MAX: not asked for */
	bool has_range;
	struct http_range range;
	char media_type[FETCH_MEDIA_TYPE];
	char digest[FETCH_DIGEST];
	struct challenge challenge;
	size_t bytes; /* of header lines so far */
};

/* Takes one line in; false: they are more than RESPONSE_HEADERS_MAX in all. */
bool response_line(struct response *r, const char *line, size_t n, time_t now);
/* Before a request, and at its end. */
void response_reset(struct response *r);
/* "404" → "not found", by RFC 9110; "" for those nobody has heard of. */
const char *response_words(int status);
