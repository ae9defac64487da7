/* SPDX-License-Identifier: Apache-2.0 */
/* log_entry_parse and log_time_parse: a line never reaches beyond its own bytes. */
#include "cmd/launch/log_file.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct log_entry entry;
	int64_t ns;

	for (size_t at = 0; at < size;) {
		const char *newline = memchr(text + at, '\n', size - at);
		ssize_t used = log_entry_parse(text + at, size - at, &entry);

		if ((used == 0) != !newline)
			abort();
		if (!newline)
			break;
		if (used > 0 && (entry.text + entry.len != newline || entry.time_ns < 0 ||
				 text + at + used != newline + 1))
			abort();
		at = (size_t)(newline - text) + 1;
	}
	if (log_time_parse(text, size, &ns) && ns < 0)
		abort();
	return 0;
}
