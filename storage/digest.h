/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of what is in memory or in a file (FIPS 180-4), by libcrypto. On both sides. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct err;

enum { DIGEST_BYTES = 32, DIGEST_HEX = 65 }; /* 64 digits and a NUL */

/* Of bytes in memory; hex of DIGEST_HEX. */
void digest_of(const void *bytes, size_t n, char *hex);
/* Of a file, from where fd stands to its end. *ret_size: bytes read. name is for the error. */
int digest_of_file(int fd, const char *name, char *hex, uint64_t *ret_size, struct err *e);
/* DIGEST_BYTES bytes as DIGEST_HEX text. */
void digest_to_hex(const unsigned char *bytes, char *hex);
