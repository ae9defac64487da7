/* SPDX-License-Identifier: Apache-2.0 */
/* Gathering what the head of an answer says; pure, in rlc-fetch. */
#include "storage/response.h"

#include "lib/base/auto.h"

/* A new head: that of a redirect before it no longer counts, but for its bytes. */
static void begin(struct response *r, int status)
{
	size_t bytes = r->bytes;

	response_reset(r);
	r->bytes = bytes;
	r->status = status;
}

bool response_line(struct response *r, const char *line, size_t n, time_t now)
{
	struct http_text value;
	int status = http_status(line, n);

	r->bytes += n;
	if (r->bytes > RESPONSE_HEADERS_MAX)
		return false;
	if (status) {
		begin(r, status);
	} else if (http_header(line, n, "Content-Length", &value)) {
		if (!http_number(value, &r->length))
			r->length = UINT64_MAX; /* libcurl refuses the answer */
	} else if (http_header(line, n, "Content-Type", &value)) {
		http_copy_word(value, ";", r->media_type, sizeof(r->media_type));
	} else if (http_header(line, n, "Docker-Content-Digest", &value)) {
		http_copy_word(value, "", r->digest, sizeof(r->digest));
	} else if (http_header(line, n, "Content-Range", &value)) {
		r->has_range = http_content_range(value, &r->range);
	} else if (http_header(line, n, "Retry-After", &value)) {
		if (!http_retry_after(value, now, &r->retry_after))
			r->retry_after = UINT64_MAX;
	} else if (http_header(line, n, "WWW-Authenticate", &value)) {
		challenge_take(&r->challenge, value.s, value.n);
	}
	return true;
}

void response_reset(struct response *r)
{
	challenge_free(&r->challenge);
	*r = (struct response){.length = UINT64_MAX, .retry_after = UINT64_MAX};
}

const char *response_words(int status)
{
	static const struct {
		int status;
		const char *words;
	} known[] = {
	    {400, "bad request"},
	    {401, "not authorized"},
	    {403, "forbidden"},
	    {404, "not found"},
	    {405, "method not allowed"},
	    {406, "not acceptable"},
	    {408, "request timeout"},
	    {410, "gone"},
	    {416, "range not satisfiable"},
	    {429, "too many requests"},
	    {451, "unavailable for legal reasons"},
	    {500, "internal server error"},
	    {502, "bad gateway"},
	    {503, "service unavailable"},
	    {504, "gateway timeout"},
	};

	for (size_t i = 0; i < array_len(known); i++)
		if (known[i].status == status)
			return known[i].words;
	return "";
}
