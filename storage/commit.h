/* SPDX-License-Identifier: Apache-2.0 */
/* Writing into the store what rlc-image took in; in rlc. */
#pragma once
#include "lib/base/strv.h"

struct err;
struct dirs;
struct offer;
struct scratch;

/*
 * What rlc-image is to know so that it keeps the blobs of layers: "keep-blobs=1" and, for each that
 * is here, "blob=HEX".
 */
int commit_keep_keys(const struct dirs *d, struct strv *keys, struct err *e);
/*
 * o: what rlc-image answered and offer_read() let through; scratch: where it made the layers and
 * blobs, which are looked at before they get a name: the trees are taken as they are, the blobs
 * hashed. What stands under a name stays, but for layers without a readable record, which are
 * exchanged. Everything is on disk when it returns. Appends each image's names (or id) to *names
 * and each id to *ids; both may be NULL.
 */
int commit_images(const struct dirs *d, const struct scratch *scratch, const struct offer *o,
		  struct strv *names, struct strv *ids, struct err *e);
