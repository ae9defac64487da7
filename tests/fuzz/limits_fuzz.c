/* SPDX-License-Identifier: Apache-2.0 */
/* limits_from_oci: what is read is written the same again; limits_parse_cpus. */
#include "lib/base/alloc.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/spec/limits.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static char *written(const struct spec_limits *l)
{
	struct json_object *o = json_object_new_object();
	char *text;

	limits_to_oci(l, o);
	text = xstrdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	return text;
}

static void check_round(const struct spec_limits *l)
{
	struct json_object *o = NULL, *resources = NULL;
	char *text = written(l), *again;
	struct spec_limits back;
	struct err e;

	if (limits_any(l)) {
		if (json_parse(text, strlen(text), "again", &o, &e) < 0 ||
		    json_get_object(o, "resources", &resources, &e) < 0 ||
		    limits_from_oci(resources, &back, &e) < 0)
			abort();
		again = written(&back);
		if (strcmp(text, again) != 0)
			abort();
		free(again);
		limits_free(&back);
		json_object_put(o);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct json_object *o = NULL;
	struct limits_cpus cpus;
	struct spec_limits l;
	struct err e = {0};

	(void)limits_parse_cpus(text, &cpus);
	if (json_parse(text, strlen(text), "input", &o, &e) == 0 &&
	    json_object_is_type(o, json_type_object)) {
		if (limits_from_oci(o, &l, &e) == 0) {
			check_round(&l);
			limits_free(&l);
		} else if (!e.what[0]) {
			abort();
		}
	}
	json_object_put(o);
	free(text);
	return 0;
}
