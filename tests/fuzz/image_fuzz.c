/* SPDX-License-Identifier: Apache-2.0 */
/* image_config_parse. */
#include "lib/base/err.h"
#include "lib/spec/image.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_config c = {0};
	struct err e = {0};

	if (image_config_parse((const char *)data, size, "input", &c, &e) < 0 &&
	    (!e.what[0] || c.os || c.env.v))
		abort();
	image_config_free(&c);
	return 0;
}
