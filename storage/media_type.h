/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Media types of images, OCI's (image-spec media-types.md) and Docker's (distribution
 * manifest-v2-2.md): what each part of an image may call itself. Pure. On both sides.
 */
#pragma once
#include <stdbool.h>

struct err;

/*
 * What says what a document is: the Content-Type of an answer, its own "mediaType", the descriptor
 * that leads to it. All may be missing (NULL or ""), none may contradict what is_index says of its
 * members: two readers would see two images in it (CVE-2021-41190). by: who says so, for the error.
 */
int media_type_check_document(const char *type, bool is_index, const char *by, struct err *e);
/* OCI's word for a part of an image that Docker's is given of; others come back as they are. */
const char *media_type_as_oci(const char *type);
/* Whether what calls itself so may be an image or an index of images. */
bool media_type_is_document(const char *type);
/* Whether it is an image's: registries hold charts, signatures and programs too. */
int media_type_check_config(const char *type, struct err *e);
/*
 * A tar, plain or compressed (by what, its first bytes tell). Layers that must be fetched from
 * elsewhere or are encrypted, and what is no tar, are refused by name.
 */
int media_type_check_layer(const char *type, struct err *e);
