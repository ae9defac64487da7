/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests of images; one that is read is written and read again. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/manifest.h"
#include "storage/reference.h"
#include "tests/fuzz/fuzz.h"

static void try_manifest(const char *text, size_t size)
{
	struct manifest m = {0}, again = {0};
	auto_free char *written = NULL;
	struct err e = {0};

	if (manifest_parse(text, size, "input", &m, &e) < 0)
		return;
	if (!reference_is_digest(m.config.digest))
		abort();
	for (size_t i = 0; i < m.layers.n; i++)
		if (!reference_is_digest(m.layers.v[i].digest))
			abort();
	written = manifest_write(&m);
	if (manifest_parse(written, strlen(written), "again", &again, &e) < 0 ||
	    again.layers.n != m.layers.n)
		abort();
	manifest_free(&again);
	manifest_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct archive_images images = {0};
	struct err e = {0};

	try_manifest(text, size);
	if (manifest_parse_archive(text, size, "input", &images, &e) == 0)
		archive_images_free(&images);
	return 0;
}
