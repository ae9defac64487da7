/* SPDX-License-Identifier: Apache-2.0 */
/* traffic_parse: refused, or the same again with a loopback added. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/kernel/traffic.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	auto_free char *more = xasprintf("lo: 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7\n%s", text);
	struct traffic t = {4711, 4711}, again = {0};

	if (!traffic_parse(text, &t)) {
		if (t.received != 4711 || t.sent != 4711)
			abort();
	} else if (!traffic_parse(more, &again) || again.received != t.received ||
		   again.sent != t.sent) {
		abort();
	}
	return 0;
}
