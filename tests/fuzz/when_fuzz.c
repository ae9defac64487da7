/* SPDX-License-Identifier: Apache-2.0 */
/* when_parse: a point in time is never before 1970, an error always says something. */
#include "cmd/when.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	struct err e = {0};
	int64_t ns = -1;

	if (when_parse(text, 1767225600000000000, &ns, &e) < 0 ? !e.hint[0] : ns < 0)
		abort();
	return 0;
}
