/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a registry wants before it answers: WWW-Authenticate (RFC 9110 11.6.1; the parameters of
 * Bearer are those of distribution's token specification). Pure; in rlc-fetch.
 */
#pragma once
#include <stddef.h>

/* In the order in which rlc likes them. */
enum challenge_scheme { CHALLENGE_NONE, CHALLENGE_OTHER, CHALLENGE_BASIC, CHALLENGE_BEARER };

enum { CHALLENGE_TEXT_MAX = 2048 };

struct challenge {
	enum challenge_scheme scheme;
	/* Of Bearer and visible ASCII, or NULL; longer than CHALLENGE_TEXT_MAX: NULL. */
	char *realm, *service, *scope;
};

/*
 * Reads the value of one header, which may hold several challenges, and keeps in *best the one that
 * rlc likes most (the first of equals); *best is zero to begin with. Bearer counts with a realm
 * only. What cannot be read is passed over.
 */
void challenge_take(struct challenge *best, const char *text, size_t n);
void challenge_free(struct challenge *c);
