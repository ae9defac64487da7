/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of token servers and registries in JSON, as strangers send them. Pure; in rlc-fetch. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct err;
struct str;

enum {
	TOKEN_BODY_MAX = 1 << 20, /* of a token server's answer */
	TOKEN_MAX = 64 << 10,	  /* of the token itself: it becomes a header */
	TOKEN_LIFE = 60,	  /* seconds, by the specification when it names none */
};

struct token {
	char *text;    /* visible ASCII */
	uint64_t life; /* seconds from now on, at least TOKEN_LIFE */
};

/* {"token" or "access_token": "…", "expires_in": 300}; -1 says what is wrong with it. */
int token_parse(const char *text, size_t n, struct token *ret, struct err *e);
void token_free(struct token *t);
/*
 * Adds what a registry says of an error, {"errors": [{"code", "message"}]}: "CODE: message", at
 * most 200 bytes and made visible; nothing where it says nothing of the kind.
 */
void registry_error_text(const char *text, size_t n, struct str *ret);
