/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing what passes by, and refusing what is not what its descriptor promised. In rlc-image. */
#include "storage/verify.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/stream.h"

#include <openssl/evp.h>

struct verify_stream {
	struct stream base;
	struct stream *source;
	EVP_MD_CTX *hash;
	char *name;
	char *hex; /* wanted, or NULL */
	uint64_t size;
	bool ended;
	struct digest_result *result;
};

static int check_end(struct verify_stream *s, struct err *e)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	s->ended = true;
	if (EVP_DigestFinal_ex(s->hash, bytes, &n) != 1 || n != 32)
		return err_msg(e, "%s: libcrypto could not finish its SHA-256", s->name);
	digest_to_hex(bytes, s->result->hex);
	if (s->size != DIGEST_ANY_SIZE && s->result->size != s->size)
		return err_msg(e, "%s has %llu bytes where its descriptor says %llu", s->name,
			       (unsigned long long)s->result->size, (unsigned long long)s->size);
	if (s->hex && strcmp(s->hex, s->result->hex) != 0)
		return err_msg(e,
			       "%s is damaged or forged: its content has digest sha256:%s, not "
			       "sha256:%s",
			       s->name, s->result->hex, s->hex);
	return 0;
}

static ssize_t verify_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct verify_stream *s = (struct verify_stream *)base;
	ssize_t n;

	if (s->ended)
		return 0;
	n = s->source->next(s->source, ret, e);
	if (n < 0)
		return -1;
	if (n == 0)
		return check_end(s, e);
	if ((uint64_t)n > s->size - s->result->size)
		return err_msg(e, "%s has more than the %llu bytes its descriptor says", s->name,
			       (unsigned long long)s->size);
	s->result->size += (uint64_t)n;
	if (EVP_DigestUpdate(s->hash, *ret, (size_t)n) != 1)
		return err_msg(e, "%s: libcrypto could not hash it", s->name);
	return n;
}

static void verify_free(struct stream *base)
{
	struct verify_stream *s = (struct verify_stream *)base;

	EVP_MD_CTX_free(s->hash);
	stream_free(s->source);
	free(s->name);
	free(s->hex);
	free(s);
}

/* Out of memory and a library without SHA-256 alike leave nothing to go on with. */
static EVP_MD_CTX *new_hash(void)
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();

	if (!hash || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
		abort();
	return hash;
}

struct stream *stream_verify(struct stream *source, const char *name, const char *hex,
			     uint64_t size, struct digest_result *result)
{
	struct verify_stream *s = xcalloc(1, sizeof(*s));

	s->base = (struct stream){.next = verify_next, .free = verify_free};
	s->source = source;
	s->hash = new_hash();
	s->name = xstrdup(name);
	s->hex = xstrdup_null(hex);
	s->size = size;
	s->result = result;
	*result = (struct digest_result){0};
	return &s->base;
}
