/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong with a request, in words, and what to do about it; in rlc-fetch. */
#include "storage/exchange.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/token.h"

/* Who was asked last, where that is another than the registry. */
static void add_server(const struct exchange *x, struct str *to)
{
	const char *url = NULL;
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;
	auto_str struct str at = {0};

	if (u && x->easy && curl_easy_getinfo(x->easy, CURLINFO_EFFECTIVE_URL, &url) == CURLE_OK &&
	    url && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		str_add(&at, host);
		if (curl_url_get(u, CURLUPART_PORT, &port, 0) == CURLUE_OK)
			str_addf(&at, ":%s", port);
		if (strcmp(str_get(&at), registry_host(x->registry)) != 0) {
			str_add(to, x->is_foreign ? " by the token server " : " redirected to ");
			str_add_visible(to, str_get(&at));
		}
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
}

/* "get manifest latest of library/alpine from quay.io redirected to cdn.example". */
static char *describe(const struct exchange *x, const char *what)
{
	auto_str struct str text = {0};

	str_addf(&text, "%s from %s", what, registry_host(x->registry));
	add_server(x, &text);
	return str_take(&text);
}

static int hint_trust(const struct registry *r, struct err *e)
{
	return err_hint(e,
			"if you trust it, put its authority's certificate as ca.crt into "
			"~/.config/containers/certs.d/%s/ or a folder for --cert-dir; "
			"--tls-verify=false does without",
			r->name);
}

static int hint_reach(const struct registry *r, struct err *e)
{
	return err_hint(e, "is it up, and are host and port of %s right?%s", r->name,
			r->is_proxied ? " the environment names a proxy too" : "");
}

/* Where the answer of the server led, and must not. */
static int fail_redirect(const struct exchange *x, const char *at, struct err *e)
{
	char *url = NULL;
	auto_str struct str shown = {0};

	(void)curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_URL, &url);
	if (!url)
		(void)curl_easy_getinfo(x->easy, CURLINFO_EFFECTIVE_URL, &url);
	str_add_visible(&shown, url ? url : "");
	err_msg(e, "%s: it leads to %.200s%s, which is not followed", at, str_get(&shown),
		x->registry->plain ? "" : " without TLS");
	return err_hint(e, "the registry must send what it has by https itself, or redirect to "
			   "another https server");
}

static const char *or_words(const struct exchange *x, CURLcode code)
{
	return x->error[0] ? x->error : curl_easy_strerror(code);
}

static int fail_connect(const struct exchange *x, const char *at, struct err *e)
{
	long number = 0;

	if (x->was_trapped) {
		err_msg(e,
			"%s: that is an address of this host, where an answer of %s may not lead",
			at, registry_host(x->registry));
		return err_hint(e, "the registry is set up wrongly, or means harm");
	}
	(void)curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &number);
	err_msg(e, "%s: cannot connect", at);
	e->sys = (int)number;
	return hint_reach(x->registry, e);
}

static int fail_tls(const struct exchange *x, const char *at, CURLcode code, struct err *e)
{
	if (strstr(x->error, "wrong version number") || strstr(x->error, "unknown protocol") ||
	    strstr(x->error, "http request")) {
		err_msg(e, "%s: it does not speak TLS (%s)", at, x->error);
		return err_hint(e, "if it is a registry without TLS that you trust: "
				   "--tls-verify=false");
	}
	err_msg(e, "%s: %s", at, or_words(x, code));
	return hint_trust(x->registry, e);
}

/* The cage holds no module of nsswitch.conf. */
static int fail_name(const struct exchange *x, const char *at, CURLcode code, struct err *e)
{
	const char *host = registry_host(x->registry);

	err_msg(e, "%s: %s", at, or_words(x, code));
	return err_hint(e,
			"check the name; it is looked for in /etc/hosts and by the servers of "
			"/etc/resolv.conf alone: getent -s dns hosts %.*s",
			(int)strcspn(host, ":"), host);
}

/* libcurl says which of them it was: no connection, silence, or too long in all. */
static int fail_time(const struct exchange *x, const char *at, CURLcode code, struct err *e)
{
	err_msg(e, "%s: waited in vain (%s)", at, or_words(x, code));
	return err_hint(e,
			"is it up, and are host and port of %s right? --registry-timeout SECONDS "
			"waits longer",
			x->registry->name);
}

static int fail_flood(const char *at, struct err *e)
{
	err_msg(e, "%s: its answer has more than %d KiB of headers", at,
		RESPONSE_HEADERS_MAX >> 10);
	return err_hint(e, "the registry is broken, or means harm");
}

static int fail_by(const struct exchange *x, CURLcode code, const char *at, struct err *e)
{
	/* The same code says that an answer is no HTTP. */
	if (code == CURLE_UNSUPPORTED_PROTOCOL && x->response.status / 100 == 3)
		return fail_redirect(x, at, e);
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return fail_name(x, at, code, e);
	case CURLE_COULDNT_CONNECT:
		return fail_connect(x, at, e);
	case CURLE_OPERATION_TIMEDOUT:
		return fail_time(x, at, code, e);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return fail_tls(x, at, code, e);
	case CURLE_SSL_CACERT_BADFILE:
		err_msg(e, "%s: no certificates of authorities could be read", at);
		return err_hint(e, "install the package ca-certificates, or give --cert-dir");
	case CURLE_SSL_CERTPROBLEM:
		err_msg(e, "%s: the client certificate: %s", at, or_words(x, code));
		return err_hint(e, "look at the .cert and .key in certs.d or --cert-dir");
	case CURLE_TOO_MANY_REDIRECTS:
		err_msg(e, "%s: more than %d redirects", at, EXCHANGE_REDIRECTS);
		return err_hint(e, "the registry sends in circles: tell its keepers");
	default:
		if (exchange_was_cut(code)) {
			err_msg(e, "%s: the connection was cut (%s)", at, or_words(x, code));
			return hint_reach(x->registry, e);
		}
		err_msg(e, "%s: %s", at, or_words(x, code));
		return err_hint(e, "the registry, or what stands before it, answers what is no "
				   "HTTP that makes sense");
	}
}

bool exchange_was_cut(CURLcode code)
{
	switch ((int)code) {
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}

int exchange_fail(const struct exchange *x, CURLcode code, const char *what, struct err *e)
{
	auto_free char *at = describe(x, what);

	return x->was_flooded ? fail_flood(at, e) : fail_by(x, code, at, e);
}

static int hint_status(const struct exchange *x, struct err *e)
{
	const char *repository = x->registry->repository;

	switch (x->response.status) {
	case 401:
	case 403:
		return err_hint(
		    e,
		    "%s may not exist or be private; rlc cannot log in to a registry: skopeo "
		    "copy --src-creds USER docker://%s/%s oci:DIR:NAME and rlc load "
		    "oci:DIR:NAME bring what is private",
		    repository, x->registry->name, repository);
	case 404:
		return err_hint(e, "check name and tag; %s may not exist or be private",
				repository);
	case 429:
		return err_hint(e, "wait, or use a mirror of it: the registry limits how much is "
				   "fetched without a log-in");
	default:
		return err_hint(e, "try again later, or ask the keepers of %s", x->registry->name);
	}
}

int exchange_refused(const struct exchange *x, const char *what, const char *body, size_t n,
		     struct err *e)
{
	auto_free char *at = describe(x, what);
	const char *words = response_words(x->response.status);
	auto_str struct str said = {0};

	registry_error_text(body, n, &said);
	err_msg(e, "%s: HTTP %d%s%s%s%s%s", at, x->response.status, *words ? ", " : "", words,
		said.len ? " (" : "", str_get(&said), said.len ? ")" : "");
	return hint_status(x, e);
}
