/* SPDX-License-Identifier: Apache-2.0 */
/* The part of `rlc image check` that needs a hash and container root's eyes. In rlc-image. */
#pragma once
#include "lib/base/strv.h"

struct err;
struct json_object;

/*
 * blobs: hex digests, layers: names of folders in `layers` (a descriptor). sock: rlc lends the
 * store's blobs on it (storage/folder.h). Adds to answer "faults": [{"blob" or "layer": NAME,
 * "why": text}].
 */
int audit_bytes(int sock, int layers, const struct strv *blob_names, const struct strv *layer_names,
		struct json_object *answer, struct err *e);
