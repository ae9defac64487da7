/* SPDX-License-Identifier: Apache-2.0 */
/* Serving rlc-image; in rlc-fetch, inside its cage. */
#include "storage/fetch_serve.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "storage/transfer.h"

#include <fcntl.h>
#include <time.h>

/* More than rlc-image asks for at once. */
enum { TRANSFERS = 32, IDLE = 1000 /* ms */ };

struct server {
	struct registry *registry;
	struct auth auth;
	struct transfer *first;
	size_t n;
	int sock;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool take_in(struct server *s, const struct fetch_request *q, size_t n, int pipe)
{
	struct transfer *t;
	int flags = pipe < 0 ? -1 : fcntl(pipe, F_GETFL);

	if (flags < 0 || !fetch_request_is_sound(q, n) || s->n == TRANSFERS ||
	    fcntl(pipe, F_SETFL, flags | O_NONBLOCK) < 0)
		return false;
	t = transfer_new(s->registry, &s->auth, q, pipe);
	t->next = s->first;
	s->first = t;
	s->n++;
	return true;
}

/*
 * All requests that lie there. An rlc-image in its right mind sends none that is refused. 0: the
 * asker has gone, or gave up, 1: not yet.
 */
static int receive(struct server *s, struct err *e)
{
	struct fetch_request q = {0};
	ssize_t n;
	int pipe;

	while ((n = fd_recv(s->sock, &q, sizeof(q), &pipe)) > 0)
		if (!take_in(s, &q, (size_t)n, pipe)) {
			if (pipe >= 0)
				close(pipe);
			log_warn("rlc-fetch: a request that rlc-image does not make was ignored");
		}
	if (n == 0)
		return 0;
	return errno == EAGAIN ? 1 : err_sys(e, "receive what rlc-image asks for");
}

static void take_ended(struct server *s, int64_t now)
{
	struct CURLMsg *m;
	void *owner;
	int left;

	while ((m = curl_multi_info_read(s->registry->multi, &left))) {
		CURLcode code = m->data.result;

		/* Reading the message ends its life; what owns the handle cleans it up. */
		if (curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &owner) != CURLE_OK)
			continue;
		if (owner == &s->auth)
			auth_ended(&s->auth, code);
		else
			transfer_exchange_ended(owner, code, now);
	}
}

/* Sends what is due and forgets what is over. */
static void go_on(struct server *s, int64_t now)
{
	struct transfer **at = &s->first;

	while (*at) {
		struct transfer *t = *at;

		transfer_go_on(t, now);
		if (!transfer_is_over(t)) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		transfer_free(t);
		s->n--;
	}
}

/* How long nothing can happen but on descriptors. */
static int pause_for(const struct server *s, int64_t now)
{
	int64_t wait = IDLE;

	for (const struct transfer *t = s->first; t; t = t->next)
		if (t->state == TRANSFER_TIME && t->due - now < wait)
			wait = t->due > now ? t->due - now : 0;
	return (int)wait;
}

static int wait_for(struct server *s, struct err *e)
{
	struct curl_waitfd fds[TRANSFERS + 1];
	unsigned int n = 0;
	CURLMcode rc;

	fds[n++] = (struct curl_waitfd){.fd = s->sock, .events = CURL_WAIT_POLLIN};
	for (const struct transfer *t = s->first; t; t = t->next)
		if (t->out.begin < t->out.end)
			fds[n++] =
			    (struct curl_waitfd){.fd = t->out.pipe, .events = CURL_WAIT_POLLOUT};
	rc = curl_multi_poll(s->registry->multi, fds, n, pause_for(s, now_ms()), NULL);
	return rc == CURLM_OK ? 0 : err_msg(e, "wait for the network: %s", curl_multi_strerror(rc));
}

static int serve(struct server *s, struct err *e)
{
	CURLMcode rc;
	int running, asked;

	/* Nobody wants what is on its way when the asker goes: a thread of it may wait for that. */
	while ((asked = receive(s, e)) > 0) {
		go_on(s, now_ms());
		rc = curl_multi_perform(s->registry->multi, &running);
		if (rc != CURLM_OK)
			return err_msg(e, "fetch: %s", curl_multi_strerror(rc));
		take_ended(s, now_ms());
		go_on(s, now_ms());
		if (wait_for(s, e) < 0)
			return -1;
	}
	return asked;
}

int fetch_serve(struct registry *r, int sock, struct err *e)
{
	struct server s = {.registry = r, .sock = sock};
	int flags = fcntl(sock, F_GETFL);

	r->multi = curl_multi_init();
	if (!r->multi)
		return err_msg(e, "libcurl cannot begin");
	if (flags < 0 || fcntl(sock, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(e, "make the socket to rlc-image non-blocking");
	auth_init(&s.auth, r);
	return serve(&s, e); /* what is left ends with the process */
}
