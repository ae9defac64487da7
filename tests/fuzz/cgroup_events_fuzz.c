/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers of lib/kernel/cgroup_events.h and cgroup_usage.h: all or nothing. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/kernel/cgroup_events.h"
#include "lib/kernel/cgroup_usage.h"
#include "tests/fuzz/fuzz.h"

#include <inttypes.h>

static void check_keyed(const char *text, const char *key)
{
	uint64_t value = 4711;

	if (!cgroup_parse_keyed(text, key, &value)) {
		if (value != 4711)
			abort();
		return;
	}
	if (!strstr(text, key))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	uint64_t value = 4711, bytes_read = 4711, bytes_written = 4711;

	if (!cgroup_parse_io(text, &bytes_read, &bytes_written) &&
	    (bytes_read != 4711 || bytes_written != 4711))
		abort();
	check_keyed(text, "oom");
	check_keyed(text, "oom_kill");
	check_keyed(text, "max");
	if (cgroup_parse_number(text, &value)) {
		auto_free char *again = xasprintf("%" PRIu64, value);
		uint64_t second;

		if (value != CGROUP_NO_LIMIT &&
		    (!cgroup_parse_number(again, &second) || second != value))
			abort();
	} else if (value != 4711) {
		abort();
	}
	return 0;
}
