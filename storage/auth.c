/* SPDX-License-Identifier: Apache-2.0 */
/* Getting the token that everybody may have; in rlc-fetch. */
#include "storage/auth.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "storage/token.h"

enum { EARLY = 5 /* seconds: a token is renewed before it is refused */ };

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

void auth_init(struct auth *a, struct registry *r)
{
	*a = (struct auth){.exchange.registry = r};
	a->what = xasprintf("get a token for %s", r->repository);
}

const char *auth_header(const struct auth *a)
{
	return a->state == AUTH_READY && now() + EARLY < a->until ? a->header : NULL;
}

int auth_check_realm(const struct registry *r, const char *realm, struct err *e)
{
	const unsigned int flags = CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME;
	CURLU *u = curl_url();
	char *scheme = NULL;
	bool is_url = u && curl_url_set(u, CURLUPART_URL, realm, flags) == CURLUE_OK &&
		      curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
	bool may =
	    is_url && (strcmp(scheme, "https") == 0 || (r->plain && strcmp(scheme, "http") == 0));

	curl_free(scheme);
	curl_url_cleanup(u);
	if (may)
		return 0;
	err_msg(e, "get a token for %s: %s names \"%.200s\" as its token server, which is no %s",
		r->repository, registry_host(r), realm, is_url ? "https server" : "URL");
	return err_hint(e, "the registry is set up wrongly: tell its keepers");
}

char *auth_url(const struct registry *r, const struct challenge *c)
{
	auto_free char *scope = c->scope ? xasprintf("scope=%s", c->scope)
					 : xasprintf("scope=repository:%s:pull", r->repository);
	auto_free char *service = xasprintf("service=%s", c->service ? c->service : "");
	const unsigned int how = CURLU_APPENDQUERY | CURLU_URLENCODE;
	CURLU *u = curl_url();
	char *text = NULL, *url = NULL;

	if (u && curl_url_set(u, CURLUPART_URL, c->realm, 0) == CURLUE_OK &&
	    (!c->service || curl_url_set(u, CURLUPART_QUERY, service, how) == CURLUE_OK) &&
	    curl_url_set(u, CURLUPART_QUERY, scope, how) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK)
		url = xstrdup(text);
	curl_free(text);
	curl_url_cleanup(u);
	return url;
}

static size_t on_body(char *bytes, size_t one, size_t n, void *arg)
{
	struct auth *a = arg;

	(void)one; /* is 1 */
	if (a->body.len + n > TOKEN_BODY_MAX)
		return 0;
	str_addn(&a->body, bytes, n);
	return n;
}

static void fail(struct auth *a)
{
	a->state = AUTH_FAILED;
	exchange_end(&a->exchange);
}

static void ask(struct auth *a, const char *url, bool is_ping)
{
	struct registry *r = a->exchange.registry;
	const struct exchange_request request = {
	    .url = url,
	    .longest = 4L * r->timeout,
	    .body = on_body,
	    .arg = a,
	};

	str_free(&a->body);
	a->is_ping = is_ping;
	a->exchange.is_foreign = !is_ping;
	a->state = AUTH_ASKING;
	if (exchange_begin(&a->exchange, &request, &a->e) < 0)
		fail(a);
}

/* With log-ins alone it lets in, and rlc has none. */
static void fail_scheme(struct auth *a, enum challenge_scheme scheme)
{
	const struct registry *r = a->exchange.registry;

	err_msg(&a->e, "%s gives %s only to who logs in%s", registry_host(r), r->repository,
		scheme == CHALLENGE_BASIC ? " with user and password" : "");
	err_hint(&a->e,
		 "rlc cannot log in to a registry: skopeo copy --src-creds USER docker://%s/%s "
		 "oci:DIR:NAME and rlc load oci:DIR:NAME bring it",
		 r->name, r->repository);
	fail(a);
}

void auth_begin(struct auth *a, struct challenge *challenge)
{
	struct registry *r = a->exchange.registry;
	struct challenge c = *challenge;
	auto_free char *url = NULL;

	*challenge = (struct challenge){0};
	if (c.scheme == CHALLENGE_NONE && !a->is_ping) {
		url = registry_url(r, NULL, NULL);
		ask(a, url, true);
		return;
	}
	if (c.scheme != CHALLENGE_BEARER) {
		fail_scheme(a, c.scheme);
	} else if (auth_check_realm(r, c.realm, &a->e) < 0) {
		fail(a);
	} else {
		url = auth_url(r, &c);
		ask(a, url ? url : c.realm, false);
	}
	challenge_free(&c);
}

static int take_token(struct auth *a, struct err *e)
{
	const char *url = "";
	struct token t = {0};

	if (token_parse(str_get(&a->body), a->body.len, &t, e) < 0) {
		(void)curl_easy_getinfo(a->exchange.easy, CURLINFO_EFFECTIVE_URL, &url);
		err_ctx(e, "%s: the token server %.*s", a->what, (int)strcspn(url, "?"), url);
		return err_hint(e, "the token server is broken: tell the keepers of %s",
				a->exchange.registry->name);
	}
	free(a->header);
	a->header = xasprintf("Authorization: Bearer %s", t.text);
	a->until = now() + (time_t)(t.life < 86400 ? t.life : 86400);
	a->generation++;
	token_free(&t);
	return 0;
}

static int fail_too_large(struct auth *a)
{
	err_msg(&a->e, "%s: the token server's answer is larger than %d MiB", a->what,
		TOKEN_BODY_MAX >> 20);
	return err_hint(&a->e, "the token server is broken: tell the keepers of %s",
			a->exchange.registry->name);
}

static int token_ended(struct auth *a, CURLcode code)
{
	struct exchange *x = &a->exchange;

	if (code == CURLE_WRITE_ERROR && !x->was_flooded)
		return fail_too_large(a);
	if (code != CURLE_OK)
		return exchange_fail(x, code, a->what, &a->e);
	if (x->response.status != 200)
		return exchange_refused(x, a->what, str_get(&a->body), a->body.len, &a->e);
	return take_token(a, &a->e);
}

/* What the registry said of /v2/: its challenge counts, whatever else it was. */
static void ping_ended(struct auth *a, CURLcode code)
{
	struct challenge c = a->exchange.response.challenge;

	a->exchange.response.challenge = (struct challenge){0};
	if (code != CURLE_OK && c.scheme == CHALLENGE_NONE) {
		exchange_fail(&a->exchange, code, a->what, &a->e);
		fail(a);
		return;
	}
	exchange_end(&a->exchange);
	auth_begin(a, &c); /* it does not ping again */
}

void auth_ended(struct auth *a, CURLcode code)
{
	if (a->is_ping) {
		ping_ended(a, code);
		return;
	}
	if (token_ended(a, code) < 0) {
		fail(a);
		return;
	}
	exchange_end(&a->exchange);
	a->state = AUTH_READY;
}
