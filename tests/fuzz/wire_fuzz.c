/* SPDX-License-Identifier: Apache-2.0 */
/* wire_decode; what it accepts must encode to the same bytes. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/launch/wire.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *again = NULL;
	auto_free void *owned = NULL;
	struct init_order o;
	struct err e = {0};
	size_t n;

	if (wire_decode(data, size, &o, &owned, &e) < 0) {
		if (!e.what[0] || owned)
			abort();
		return 0;
	}
	again = wire_encode(&o, &n);
	if (n != size + sizeof(uint64_t) || memcmp(again + sizeof(uint64_t), data, size) != 0)
		abort();
	return 0;
}
