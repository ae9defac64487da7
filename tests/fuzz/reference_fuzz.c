/* SPDX-License-Identifier: Apache-2.0 */
/* reference_parse: what it takes comes out of reference_full as a name that it takes again. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/reference.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	struct reference r = {0}, again = {0};
	auto_free char *full = NULL, *full_again = NULL;
	struct err e = {0};

	if (reference_parse(text, &r, &e) < 0) {
		if (!e.what[0] || r.domain || r.path)
			abort();
		return 0;
	}
	full = reference_full(&r);
	if (reference_parse(full, &again, &e) < 0)
		abort();
	full_again = reference_full(&again);
	if (strcmp(full, full_again) != 0 || strstr(r.path, ".."))
		abort();
	reference_free(&r);
	reference_free(&again);
	return 0;
}
