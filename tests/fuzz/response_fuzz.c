/* SPDX-License-Identifier: Apache-2.0 */
/* A whole head, line by line: status, lengths, ranges, dates, challenges. */
#include "lib/base/auto.h"
#include "storage/response.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct response r = {0};
	const char *at = (const char *)data, *end = at + size;
	bool room = true;

	response_reset(&r);
	while (at < end && room) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		size_t n = feed ? (size_t)(feed - at) + 1 : (size_t)(end - at);

		room = response_line(&r, at, n, 1000000000);
		at += n;
	}
	if ((r.status && (r.status < 100 || r.status > 599)) ||
	    strlen(r.media_type) >= sizeof(r.media_type) || strlen(r.digest) >= sizeof(r.digest) ||
	    (r.has_range && (r.range.first > r.range.last || r.range.last >= r.range.total)))
		abort();
	response_reset(&r);
	return 0;
}
