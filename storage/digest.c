/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 in rlc and in rlc-image. These functions of libcrypto are called deprecated since
 * OpenSSL 3.0, but linked statically they are 22 kB with the processor's own instructions; EVP in
 * their place brings providers and 4.4 MB into each start of rlc.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "storage/digest.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <openssl/sha.h>

enum { CHUNK = 1 << 17 };

void digest_to_hex(const unsigned char *bytes, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[DIGEST_HEX - 1] = '\0';
}

static void finish(SHA256_CTX *c, char *hex)
{
	unsigned char bytes[DIGEST_BYTES];

	(void)SHA256_Final(bytes, c); /* fails only for an impossible length of the digest */
	digest_to_hex(bytes, hex);
}

void digest_of(const void *bytes, size_t n, char *hex)
{
	SHA256_CTX c;

	(void)SHA256_Init(&c); /* cannot fail, and neither can the next */
	(void)SHA256_Update(&c, bytes, n);
	finish(&c, hex);
}

int digest_of_file(int fd, const char *name, char *hex, uint64_t *ret_size, struct err *e)
{
	auto_free unsigned char *part = xcalloc(1, CHUNK);
	uint64_t size = 0;
	SHA256_CTX c;
	ssize_t n;

	(void)SHA256_Init(&c); /* as above */
	while ((n = read(fd, part, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read %s", name);
		(void)SHA256_Update(&c, part, (size_t)n);
		size += (uint64_t)n;
	}
	finish(&c, hex);
	*ret_size = size;
	return 0;
}
