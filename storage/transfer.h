/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request of rlc-image from its arrival to its last frame: asked of the registry, with a token
 * where it wants one, again where that may help, from where it was cut. In rlc-fetch.
 */
#pragma once
#include "storage/auth.h"
#include "storage/exchange.h"
#include "storage/outbox.h"

enum transfer_state {
	TRANSFER_TOKEN, /* waits for auth */
	TRANSFER_TIME,	/* waits for `due` */
	TRANSFER_RUNS,
	TRANSFER_ENDED, /* its last frame is in the outbox */
};

struct transfer {
	struct transfer *next;
	struct auth *auth;
	struct registry *registry;
	struct fetch_request request;
	enum transfer_state state;
	struct exchange exchange;
	struct outbox out;
	char *what;	/* for errors: "get manifest latest of library/alpine" */
	int64_t due;	/* milliseconds of CLOCK_MONOTONIC */
	bool is_paused; /* libcurl waits until the outbox has room */
	bool has_head;	/* went out */
	bool has_fate;	/* refused by us while it came: e says why */
	struct err e;
	uint64_t length;       /* of the whole body, as first announced; UINT64_MAX: not */
	uint64_t got;	       /* of the body so far, all tries together */
	uint64_t skip;	       /* bytes that come again, from a server that knows no ranges */
	bool was_plain;	       /* this try went without TLS */
	bool is_judged;	       /* the head of this try was looked at */
	uint64_t got_before;   /* of this try */
	unsigned int tries;    /* that failed since it last got on */
	unsigned int token;    /* generation that this try was sent with */
	unsigned int refusals; /* 401 in a row */
	struct str body;       /* what a refusal says */
};

/* Takes over pipe. */
struct transfer *transfer_new(struct registry *r, struct auth *a, const struct fetch_request *q,
			      int pipe);
void transfer_free(struct transfer *t);
/* Sends it, or what is due of it; called whenever something may have changed. */
void transfer_go_on(struct transfer *t, int64_t now);
/* Its exchange has ended. */
void transfer_exchange_ended(struct transfer *t, CURLcode code, int64_t now);
/* Nothing is left to do. */
bool transfer_is_over(const struct transfer *t);
