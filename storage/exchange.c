/* SPDX-License-Identifier: Apache-2.0 */
/* Requests by libcurl; in rlc-fetch, inside its cage. */
#include "storage/exchange.h"

#include "config.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/address.h"
#include "storage/fetch_cage.h"

#include <sys/socket.h>

enum { BUFFER = 256 << 10, SLOWEST = 64 /* bytes a second */ };

static size_t on_header(char *line, size_t one, size_t n, void *arg)
{
	struct exchange *x = arg;

	(void)one; /* is 1 */
	x->was_flooded = !response_line(&x->response, line, n, time(NULL));
	return x->was_flooded ? 0 : n;
}

/*
 * The answer of a registry out in the world must not make us talk to what listens on this host
 * alone: by a redirect, the address of a token server, or a name that resolves to it.
 */
static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct exchange *x = arg;
	struct registry *r = x->registry;
	const bool own = address_is_own(&a->addr, a->addrlen);
	long redirects = 0;

	(void)purpose; /* all are for connections out */
	(void)curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_COUNT, &redirects);
	if (!x->is_foreign && redirects == 0) {
		/* For good: a name with one address in the world is none of this host's. */
		r->is_own = own && (r->is_own || !r->was_met);
		r->was_met = true;
	} else if (own && !r->is_own && !r->is_proxied) {
		x->was_trapped = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void set_trust(struct exchange *x)
{
	struct trust *t = &x->registry->trust;
	struct curl_blob certificate = {t->certificate.s, t->certificate.len, CURL_BLOB_NOCOPY};
	struct curl_blob key = {t->key.s, t->key.len, CURL_BLOB_NOCOPY};

	curl_easy_setopt(x->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYPEER, t->verify ? 1L : 0L);
	curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYHOST, t->verify ? 2L : 0L);
	/* By file: what is read by file is kept for further connections, a blob is not. */
	curl_easy_setopt(x->easy, CURLOPT_CAINFO, FETCH_CAGE_AUTHORITIES);
	curl_easy_setopt(x->easy, CURLOPT_CAPATH, NULL);
	if (t->certificate.len) {
		curl_easy_setopt(x->easy, CURLOPT_SSLCERT_BLOB, &certificate);
		curl_easy_setopt(x->easy, CURLOPT_SSLKEY_BLOB, &key);
	}
}

static void set_limits(struct exchange *x, long longest)
{
	const long timeout = (long)x->registry->timeout;

	/* One that began by TLS stays there; a file or anything else is never read. */
	curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(x->easy, CURLOPT_REDIR_PROTOCOLS_STR,
			 x->registry->plain ? "http,https" : "https");
	curl_easy_setopt(x->easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(x->easy, CURLOPT_MAXREDIRS, (long)EXCHANGE_REDIRECTS);
	curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT, timeout);
	curl_easy_setopt(x->easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
	curl_easy_setopt(x->easy, CURLOPT_LOW_SPEED_TIME, timeout);
	curl_easy_setopt(x->easy, CURLOPT_TIMEOUT, longest);
}

static void set_callbacks(struct exchange *x, const struct exchange_request *r)
{
	curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, r->body);
	curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, r->arg);
	curl_easy_setopt(x->easy, CURLOPT_PRIVATE, r->arg);
	curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->error);
}

static void set_request(struct exchange *x, const struct exchange_request *r)
{
	char range[32];

	curl_easy_setopt(x->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(x->easy, CURLOPT_USERAGENT, "rlc/" RLC_VERSION);
	/*
	 * A connection for each body, which TCP slows down when nobody takes it. In HTTP/2 they
	 * share one, and libcurl keeps what comes of those that wait: up to 32 MB each.
	 */
	curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	/* Of our headers libcurl keeps just this one from other servers (since 7.58). */
	if (r->authorization)
		x->headers = curl_slist_append(x->headers, r->authorization);
	if (r->accept)
		x->headers = curl_slist_append(x->headers, r->accept);
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
	if (r->from) {
		snprintf(range, sizeof(range), "%llu-", (unsigned long long)r->from);
		curl_easy_setopt(x->easy, CURLOPT_RANGE, range);
	}
	curl_easy_setopt(x->easy, CURLOPT_BUFFERSIZE, (long)BUFFER);
	curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
	/* A resolver that waits for a dead server must not keep us from ending. */
	curl_easy_setopt(x->easy, CURLOPT_QUICK_EXIT, 1L);
}

int exchange_begin(struct exchange *x, const struct exchange_request *r, struct err *e)
{
	CURLMcode rc;

	response_reset(&x->response);
	x->was_trapped = x->was_flooded = false;
	x->error[0] = '\0';
	x->easy = curl_easy_init();
	if (!x->easy)
		return err_msg(e, "libcurl cannot begin a request");
	set_request(x, r);
	set_callbacks(x, r);
	set_limits(x, r->longest);
	set_trust(x);
	rc = curl_multi_add_handle(x->registry->multi, x->easy);
	if (rc == CURLM_OK)
		return 0;
	exchange_end(x);
	return err_msg(e, "libcurl cannot begin a request: %s", curl_multi_strerror(rc));
}

void exchange_end(struct exchange *x)
{
	if (x->easy) {
		(void)curl_multi_remove_handle(x->registry->multi, x->easy);
		curl_easy_cleanup(x->easy);
	}
	curl_slist_free_all(x->headers);
	x->headers = NULL;
	x->easy = NULL;
}
