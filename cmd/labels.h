/* SPDX-License-Identifier: Apache-2.0 */
/* Labels ("K=V") as JSON. */
#pragma once

struct json_object;
struct strv;

/* Adds under `key` an object of them; a label without "=" has the value "". */
void labels_add(struct json_object *o, const char *key, const struct strv *labels);
