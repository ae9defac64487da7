/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of rlc-image: whatever is taken has the name and the digests it was asked for. */
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "storage/offer.h"
#include "storage/reference.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check(const struct offer_terms *t, const struct offer *o)
{
	if (t->is_one && o->n > 1)
		abort();
	for (size_t i = 0; i < o->n; i++) {
		const struct offer_image *image = &o->images[i];

		if (!reference_is_digest(image->digest) ||
		    strcmp(image->record.config, image->parts.config.digest) != 0)
			abort();
		for (size_t k = 0; k < image->names.n && !t->any_name; k++)
			if (!t->name || strcmp(image->names.v[k], t->name) != 0)
				abort();
		for (size_t k = 0; k < image->record.layers.n; k++)
			if (!index_is_layer_name(image->record.layers.v[k]))
				abort();
	}
	for (size_t i = 0; i < o->made.n; i++)
		if (!index_is_layer_name(o->made.v[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct offer_terms terms[] = {
	    {.name = "registry.example/app:1",
	     .is_one = true,
	     .may_be_here = true,
	     .keeps_blobs = true,
	     .platform = {"amd64", ""}},
	    {.any_name = true, .platform = {"amd64", ""}},
	    {.is_one = true, .is_single = true},
	};
	struct json_object *json = NULL;
	struct err e = {0};

	if (json_parse((const char *)data, size, "input", &json, &e) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		struct offer o = {0};

		if (offer_read(json, &terms[i], &o, &e) == 0)
			check(&terms[i], &o);
		offer_free(&o);
	}
	json_put(&json);
	return 0;
}
