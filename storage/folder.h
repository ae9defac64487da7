/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OCI layout on the host, lent to rlc-image file by file: rlc-image writes a name on a
 * SOCK_SEQPACKET socket, rlc answers with one byte and, if that is 0, a read-only descriptor.
 */
#pragma once
#include <stdbool.h>

struct err;

enum { FOLDER_NAME_MAX = 160, FOLDER_FOUND = 0, FOLDER_ABSENT = 1, FOLDER_REFUSED = 2 };

/* In rlc: whether rlc-image may ask for it: index.json, oci-layout, blobs/sha256/HEX (pure). */
bool folder_name_is_allowed(const char *name);
/*
 * In rlc: answers one request. folder: the layout. Returns 1, 0 when rlc-image hung up, -1 on
 * error.
 */
int folder_serve(int sock, int folder, struct err *e);
