/* SPDX-License-Identifier: Apache-2.0 */
/* json_parse and the typed getters over what came out of it. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/strv.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_json struct json_object *root = NULL;
	auto_strv struct strv list = {0};
	struct json_object *child = NULL;
	const char *text = NULL;
	struct err e = {0};
	int64_t number = 0;
	bool flag = false;

	if (json_parse((const char *)data, size, "input", &root, &e)) {
		/* An error always says something, or the user is left with "rlc: ". */
		if (!e.what[0])
			abort();
		return 0;
	}
	if (!json_object_is_type(root, json_type_object))
		return 0;
	(void)json_get_str(root, "s", &text, &e);
	(void)json_get_i64(root, "i", &number, &e);
	(void)json_get_bool(root, "b", &flag, &e);
	(void)json_get_object(root, "o", &child, &e);
	(void)json_get_array(root, "a", &child, &e);
	(void)json_get_strv(root, "a", &list, &e);
	return 0;
}
