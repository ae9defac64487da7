/* SPDX-License-Identifier: Apache-2.0 */
/* Writing into the store's index what rlc-image took in; in rlc. */
#pragma once
#include "lib/base/strv.h"

struct err;
struct dirs;
struct json_object;
struct scratch;

/*
 * What rlc-image is to know so that it keeps the blobs of layers: "keep-blobs=1" and, for each that
 * is here, "blob=HEX".
 */
int commit_keep_keys(const struct dirs *d, struct strv *keys, struct err *e);
/*
 * answer: rlc-image's, see storage/ingest.h; scratch: where it made the layers. Everything is on
 * disk when it returns. Appends each image's names (or id) to *names and each id to *ids; both may
 * be NULL.
 */
int commit_images(const struct dirs *d, const struct scratch *scratch, struct json_object *answer,
		  struct strv *names, struct strv *ids, struct err *e);
