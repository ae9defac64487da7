/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP request and its answer, redirects included, by libcurl. What every request of rlc-fetch
 * has in common stands here: limits, certificates, where it must not be led.
 */
#pragma once
#include "storage/registry.h"
#include "storage/response.h"

#include <curl/curl.h>

struct err;

enum { EXCHANGE_REDIRECTS = 5 };

struct exchange {
	struct registry *registry;
	CURL *easy; /* NULL: none is under way */
	struct curl_slist *headers;
	struct response response;
	bool is_foreign;  /* it goes to another server than the registry from the start */
	bool was_trapped; /* it was led to this host's own address */
	bool was_flooded; /* too many header lines */
	char error[CURL_ERROR_SIZE];
};

struct exchange_request {
	const char *url;
	const char *accept;	   /* "Accept: …", or NULL */
	const char *authorization; /* "Authorization: …", or NULL: never sent to another server */
	uint64_t from;		   /* first byte wanted; 0: all */
	long longest;		   /* seconds for all of it; 0: as long as it moves */
	size_t (*body)(char *bytes, size_t one, size_t n, void *arg); /* as libcurl has it */
	void *arg;
};

/* Begins it in the registry's multi handle; arg is also the handle's CURLOPT_PRIVATE. */
int exchange_begin(struct exchange *x, const struct exchange_request *r, struct err *e);
/* After its end, or to give it up. The response stays. */
void exchange_end(struct exchange *x);
/* Whether the peer broke off in the middle, so that the same may go well another time. */
bool exchange_was_cut(CURLcode code);
/*
 * What a transfer that libcurl ended with `code` is told of, and the next step. what: "get manifest
 * latest of library/alpine".
 */
int exchange_fail(const struct exchange *x, CURLcode code, const char *what, struct err *e);
/* The same for an answer with a status that is no success; body: what the server said of it. */
int exchange_refused(const struct exchange *x, const char *what, const char *body, size_t n,
		     struct err *e);
