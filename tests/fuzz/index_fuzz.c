/* SPDX-License-Identifier: Apache-2.0 */
/* Indexes: an image's, of which a platform chooses; and the store's own, which is written again. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/index.h"
#include "storage/manifest.h"
#include "storage/media_type.h"
#include "storage/platform.h"
#include "storage/reference.h"
#include "tests/fuzz/fuzz.h"

static void try_index(const char *text, size_t size)
{
	struct platform native = platform_native();
	struct descriptors d = {0};
	struct err e = {0};

	if (manifest_parse_index(text, size, "input", &d, &e) < 0)
		return;
	for (size_t i = 0; i < d.n; i++) {
		const struct descriptor *one = &d.v[i];

		if (!reference_is_digest(one->digest))
			abort();
		if (platform_choose(&native, &one, 1) == 0 && one->os &&
		    strcmp(one->os, "linux") != 0)
			abort();
		(void)media_type_is_document(one->media_type);
	}
	descriptors_free(&d);
}

static void try_store_index(const char *text, size_t size)
{
	struct index x = {0}, again = {0};
	auto_free char *written = NULL;
	struct err e = {0};

	if (index_parse(text, size, &x, &e) < 0)
		return;
	written = index_format(&x);
	if (index_parse(written, strlen(written), &again, &e) < 0 || again.n != x.n)
		abort();
	index_free(&again);
	index_free(&x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_index((const char *)data, size);
	try_store_index((const char *)data, size);
	return 0;
}
