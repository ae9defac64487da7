/* SPDX-License-Identifier: Apache-2.0 */
/* All layers of one image, some at once. In rlc-image. */
#pragma once
#include "storage/layer.h"

/* Where the bytes of the blobs come from. */
struct layer_supply {
	/* Opens blob number n. Called by several threads at once. */
	int (*open)(void *arg, size_t n, struct stream **ret, struct err *e);
	/* Another layer failed: what waits for a network shall fail now. NULL: nothing waits. */
	void (*cancel)(void *arg);
	void *arg;
};

/*
 * Takes each of the n layers from the shelf, or unpacks its blob: three at once. One that needs
 * something of the layers below waits for these. Where one fails the others end early, and the
 * error is that of the first.
 */
int layers_make(struct layers *l, const struct layer_blob *blobs, size_t n,
		const struct layer_supply *from, struct err *e);
void layers_free(struct layers *l);
