/* SPDX-License-Identifier: Apache-2.0 */
/* Records of layers: rlc-image writes them, which may have been broken by an image. */
#include "lib/base/err.h"
#include "storage/layer_record.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct layer_record r = {0};
	struct err e = {0};

	if (layer_record_parse((const char *)data, size, &r, &e) < 0)
		return 0;
	if (!r.diff_id)
		abort();
	layer_record_free(&r);
	return 0;
}
