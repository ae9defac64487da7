/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying bodies from the registry to rlc-image; in rlc-fetch. */
#include "storage/transfer.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/log.h"

enum {
	WRITE_AT = 128 << 10, /* bytes in the outbox that are worth a system call */
	SAID_MAX = 16 << 10,  /* of what a refusal says */
	GETS_ON = 1 << 20,    /* bytes: a try with so many was no failure */
	LONGEST_WAIT = 60,    /* seconds */
	REFUSALS = 3,	      /* for want of a token, of another one, of one for more */
};

/* All that rlc-image reads, and Docker's first schema to say by name that it is too old. */
static const char accept_manifest[] =
    "Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1";

struct transfer *transfer_new(struct registry *r, struct auth *a, const struct fetch_request *q,
			      int pipe)
{
	struct transfer *t = xcalloc(1, sizeof(*t));

	t->registry = r;
	t->auth = a;
	t->request = *q;
	t->state = TRANSFER_TIME;
	t->exchange.registry = r;
	t->length = UINT64_MAX;
	t->what = q->kind == FETCH_MANIFEST
		      ? xasprintf("get manifest %s of %s", q->what, r->repository)
		      : xasprintf("get layer or configuration %.19s of %s", q->what, r->repository);
	outbox_init(&t->out, pipe);
	return t;
}

void transfer_free(struct transfer *t)
{
	exchange_end(&t->exchange);
	response_reset(&t->exchange.response);
	str_free(&t->body);
	close(t->out.pipe);
	free(t->what);
	free(t);
}

bool transfer_is_over(const struct transfer *t)
{
	return t->out.is_broken || (t->state == TRANSFER_ENDED && t->out.begin == t->out.end);
}

static void end(struct transfer *t, const struct err *failure)
{
	exchange_end(&t->exchange);
	t->state = TRANSFER_ENDED;
	t->is_paused = false;
	if (failure)
		outbox_frame(&t->out, FETCH_ERROR, failure, sizeof(*failure));
	else
		outbox_frame(&t->out, FETCH_END, NULL, 0);
}

/* Refuses what comes; libcurl ends the transfer then. */
static bool refuse(struct transfer *t, const char *hint)
{
	t->has_fate = true;
	err_hint(&t->e, "%s", hint);
	return false;
}

#define LIES "the registry is broken, or means harm; nothing of it was kept"

static bool is_too_large(struct transfer *t, uint64_t n)
{
	if (n <= t->request.max)
		return false;
	err_msg(&t->e, "%s from %s: it is larger than the %llu bytes that are %s", t->what,
		registry_host(t->registry), (unsigned long long)t->request.max,
		t->request.kind == FETCH_MANIFEST ? "allowed" : "named in the manifest");
	refuse(t, LIES);
	return true;
}

/* The head of a whole body. */
static bool judge_whole(struct transfer *t)
{
	const struct response *r = &t->exchange.response;

	t->skip = t->got;
	if (r->length == UINT64_MAX)
		return true;
	if (is_too_large(t, r->length))
		return false;
	if (t->got == 0)
		t->length = r->length;
	if (t->length == r->length || t->length == UINT64_MAX)
		return true;
	err_msg(&t->e, "%s from %s: it had %llu bytes and has %llu now", t->what,
		registry_host(t->registry), (unsigned long long)t->length,
		(unsigned long long)r->length);
	return refuse(t, LIES);
}

/* The head of the rest of a body: it must go on where the last try ended. */
static bool judge_range(struct transfer *t)
{
	const struct response *r = &t->exchange.response;
	const uint64_t total = r->has_range ? r->range.total : 0;

	t->skip = 0;
	if (r->has_range && t->got && r->range.first == t->got &&
	    (total == UINT64_MAX || t->length == UINT64_MAX || total == t->length) &&
	    (t->length == UINT64_MAX || r->range.last < t->length))
		return true;
	err_msg(&t->e,
		"%s from %s: it answers with another part (Content-Range) than that from byte "
		"%llu on",
		t->what, registry_host(t->registry), (unsigned long long)t->got);
	return refuse(t, LIES);
}

static bool is_body(const struct transfer *t)
{
	return t->exchange.response.status == 200 || t->exchange.response.status == 206;
}

/* Once a try, when its first byte came, or none at all. */
static bool judge(struct transfer *t)
{
	const struct response *r = &t->exchange.response;
	struct fetch_head head = {.length = r->length};

	t->is_judged = true;
	t->refusals = 0;
	if (r->status == 206 ? !judge_range(t) : !judge_whole(t))
		return false;
	if (t->has_head)
		return true;
	memcpy(head.media_type, r->media_type, sizeof(head.media_type));
	memcpy(head.digest, r->digest, sizeof(head.digest));
	outbox_frame(&t->out, FETCH_HEAD, &head, sizeof(head));
	t->has_head = true;
	return true;
}

static size_t on_body(char *bytes, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t again;

	(void)one; /* is 1 */
	t->registry->answered = true;
	if (!is_body(t)) {
		if (t->body.len + n <= SAID_MAX)
			str_addn(&t->body, bytes, n);
		return n;
	}
	if ((!t->is_judged && !judge(t)) || t->out.is_broken)
		return 0;
	again = t->skip < n ? (size_t)t->skip : n;
	if (is_too_large(t, t->got + (n - again)))
		return 0;
	if (!outbox_has_room(&t->out, n)) {
		(void)outbox_flush(&t->out); /* it has room, or not: that is looked at next */
		if (t->out.is_broken)
			return 0;
		if (!outbox_has_room(&t->out, n)) {
			t->is_paused = true;
			return CURL_WRITEFUNC_PAUSE;
		}
	}
	t->skip -= again;
	if (n > again)
		outbox_data(&t->out, bytes + again, n - again);
	t->got += n - again;
	if (t->out.end - t->out.begin >= WRITE_AT)
		(void)outbox_flush(&t->out); /* what is left goes later */
	return n;
}

static void send_request(struct transfer *t)
{
	auto_free char *url =
	    registry_url(t->registry, t->request.kind == FETCH_MANIFEST ? "manifests" : "blobs",
			 t->request.what);
	const bool manifest = t->request.kind == FETCH_MANIFEST;
	const struct exchange_request r = {
	    .url = url,
	    .accept = manifest ? accept_manifest : NULL,
	    .authorization = auth_header(t->auth),
	    .from = t->got,
	    .longest = manifest ? 4L * t->registry->timeout : 0,
	    .body = on_body,
	    .arg = t,
	};
	struct err e;

	t->state = TRANSFER_RUNS;
	t->is_judged = t->is_paused = t->has_fate = false;
	t->was_plain = t->registry->plain;
	t->got_before = t->got;
	t->token = t->auth->generation;
	str_free(&t->body);
	if (exchange_begin(&t->exchange, &r, &e) < 0)
		end(t, &e);
}

static void await_token(struct transfer *t)
{
	switch (t->auth->state) {
	case AUTH_READY:
		send_request(t);
		break;
	case AUTH_FAILED:
		end(t, &t->auth->e);
		break;
	case AUTH_NONE:
	case AUTH_ASKING:
		break;
	}
}

void transfer_go_on(struct transfer *t, int64_t now)
{
	const bool was_full = !outbox_flush(&t->out);

	if (t->state == TRANSFER_TIME && now >= t->due)
		send_request(t);
	else if (t->state == TRANSFER_TOKEN)
		await_token(t);
	if (t->is_paused && !was_full && t->exchange.easy) {
		t->is_paused = false;
		(void)curl_easy_pause(t->exchange.easy,
				      CURLPAUSE_CONT); /* it ends with its error */
		(void)outbox_flush(&t->out);	       /* the rest goes later */
	}
}

/* Refused for want of a token, of another one, or of one for more than the last was for. */
static void want_token(struct transfer *t)
{
	struct exchange *x = &t->exchange;
	struct err e;

	if (++t->refusals > REFUSALS || t->auth->state == AUTH_FAILED) {
		if (t->auth->state == AUTH_FAILED)
			e = t->auth->e;
		else
			exchange_refused(x, t->what, str_get(&t->body), t->body.len, &e);
		end(t, &e);
		return;
	}
	t->state = TRANSFER_TOKEN;
	/* Another transfer may have got one, or be about to. */
	if (t->auth->state != AUTH_ASKING && t->token == t->auth->generation)
		auth_begin(t->auth, &x->response.challenge);
	exchange_end(x);
}

/* Whether asking again may help. */
static bool may_pass(const struct transfer *t, CURLcode code)
{
	switch ((int)code) {
	case CURLE_OK:
		switch (t->exchange.response.status) {
		case 408:
		case 429:
		case 500:
		case 502:
		case 503:
		case 504:
			return true;
		default:
			return false;
		}
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_OPERATION_TIMEDOUT:
		/* What never answered is not there. */
		return t->registry->answered && !t->exchange.was_trapped;
	default:
		return exchange_was_cut(code);
	}
}

/* Seconds until the next try, or -1: it is not worth waiting for. */
static int64_t wait_for(const struct transfer *t)
{
	const uint64_t asked = t->exchange.response.retry_after;
	const unsigned int doublings = t->tries > 2 ? t->tries - 2 : 0;
	uint64_t wait = t->tries < 2 ? 0 : (uint64_t)t->registry->retry_delay << doublings;

	if (is_body(t) || t->exchange.response.status == 0)
		return (int64_t)(wait < LONGEST_WAIT ? wait : LONGEST_WAIT);
	if (asked != UINT64_MAX)
		return asked <= LONGEST_WAIT ? (int64_t)asked : -1;
	/* It is overloaded: not at once. */
	wait = (uint64_t)t->registry->retry_delay << (t->tries - 1);
	return (int64_t)(wait < LONGEST_WAIT ? wait : LONGEST_WAIT);
}

/* Asks again, or gives up. */
static void try_again(struct transfer *t, CURLcode code, int64_t now)
{
	int64_t wait = -1;
	struct err e;

	if (t->got - t->got_before >= GETS_ON)
		t->tries = 0;
	t->tries++;
	if (t->tries <= t->registry->retries)
		wait = wait_for(t);
	if (wait < 0) {
		if (code == CURLE_OK)
			exchange_refused(&t->exchange, t->what, str_get(&t->body), t->body.len, &e);
		else
			exchange_fail(&t->exchange, code, t->what, &e);
		if (t->tries > 1)
			err_ctx(&e, "gave up after %u tries", t->tries);
		end(t, &e);
		return;
	}
	log_info("%s: try %u in %lld s, from byte %llu", t->what, t->tries + 1, (long long)wait,
		 (unsigned long long)t->got);
	exchange_end(&t->exchange);
	t->state = TRANSFER_TIME;
	t->due = now + wait * 1000;
}

/* --tls-verify=false: TLS first, then without; what answered once stays as it is. */
static bool can_be_plain(const struct transfer *t, CURLcode code)
{
	const struct registry *r = t->registry;

	return !r->trust.verify && !t->was_plain && !r->answered && !t->exchange.was_trapped &&
	       (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_COULDNT_CONNECT ||
		code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR);
}

static void fail(struct transfer *t, CURLcode code)
{
	struct err e;

	if (t->has_fate)
		e = t->e;
	else if (code == CURLE_OK)
		exchange_refused(&t->exchange, t->what, str_get(&t->body), t->body.len, &e);
	else
		exchange_fail(&t->exchange, code, t->what, &e);
	end(t, &e);
}

void transfer_exchange_ended(struct transfer *t, CURLcode code, int64_t now)
{
	if (code == CURLE_OK)
		t->registry->answered = true;
	if (code == CURLE_OK && is_body(t) && !t->has_fate && (t->is_judged || judge(t))) {
		end(t, NULL);
	} else if (t->has_fate || t->out.is_broken) {
		fail(t, code);
	} else if (can_be_plain(t, code)) {
		t->registry->plain = true;
		exchange_end(&t->exchange);
		t->state = TRANSFER_TIME;
		t->due = now;
	} else if (code == CURLE_OK && t->exchange.response.status == 401) {
		want_token(t);
	} else if (may_pass(t, code)) {
		try_again(t, code, now);
	} else {
		fail(t, code);
	}
}
