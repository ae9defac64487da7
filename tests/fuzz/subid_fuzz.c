/* SPDX-License-Identifier: Apache-2.0 */
/* subid_parse: no span may hold the host's root or reach beyond the ids there are. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/subid.h"
#include "tests/fuzz/fuzz.h"

enum { ROOM = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup(size ? (const char *)data : "", size);
	struct subid_span spans[ROOM];
	struct err e = {0};
	int n = subid_parse(text, "input", "ann", 1000, spans, ROOM, &e);

	(void)subid_wants_library(text);
	if (n < 0 ? !e.what[0] : n > ROOM)
		abort();
	for (int i = 0; i < n; i++)
		if (spans[i].start == 0 || spans[i].count == 0 ||
		    (uint64_t)spans[i].start + spans[i].count > UINT32_MAX)
			abort();
	return 0;
}
