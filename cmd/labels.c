/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of images and containers, for the commands that print JSON. */
#include "cmd/labels.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/json.h"
#include "lib/base/strv.h"

void labels_add(struct json_object *o, const char *key, const struct strv *labels)
{
	struct json_object *to = json_add_object(o, key);

	for (size_t i = 0; i < labels->n; i++) {
		const char *label = labels->v[i], *equals = strchr(label, '=');
		auto_free char *name = xstrndup(label, strcspn(label, "="));

		json_add_str(to, name, equals ? equals + 1 : "");
	}
}
