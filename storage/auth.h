/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The anonymous token that a registry wants (distribution's token specification): asked for when a
 * request was refused, and used for all requests until it is too old. In rlc-fetch.
 */
#pragma once
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/exchange.h"

enum auth_state {
	AUTH_NONE,   /* nobody asked for a token yet */
	AUTH_ASKING, /* the registry for its challenge, or the token server */
	AUTH_READY,  /* there is a token */
	AUTH_FAILED, /* none can be had: e says why */
};

struct auth {
	enum auth_state state;
	char *header;		 /* "Authorization: Bearer …", or NULL */
	time_t until;		 /* of CLOCK_MONOTONIC */
	unsigned int generation; /* counts tokens: which one was a request sent with? */
	struct err e;
	struct exchange exchange; /* the one under way */
	bool is_ping;		  /* it asks the registry for its challenge */
	struct str body;
	char *what; /* for errors: "get a token for library/alpine" */
};

void auth_init(struct auth *a, struct registry *r);
/*
 * Begins to get a token. challenge: what the registry answered, which moves in; CHALLENGE_NONE: it
 * gave none, and is asked for it at /v2/. The state says how it stands.
 */
void auth_begin(struct auth *a, struct challenge *challenge);
/* Its exchange has ended. */
void auth_ended(struct auth *a, CURLcode code);
/* The header to send, or NULL: there is none, or it is about to be too old. */
const char *auth_header(const struct auth *a);
/* Whether a challenge names a server that may be asked for a token (pure). */
int auth_check_realm(const struct registry *r, const char *realm, struct err *e);
/* Its URL with service and scope, owned by the caller; NULL where it is none. */
char *auth_url(const struct registry *r, const struct challenge *c);
