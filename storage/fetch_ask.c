/* SPDX-License-Identifier: Apache-2.0 */
/* The asking end of a pull: requests out, bodies in as streams. In rlc-image. */
#include "storage/fetch_ask.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/fd.h"

#include <fcntl.h>

struct fetch_stream {
	struct stream base;
	int pipe;
	uint64_t max;
	struct fetch_answer answer;
	char what[FETCH_WHAT];
	unsigned char piece[FETCH_DATA_MAX];
};

static int died(const struct fetch_stream *s, struct err *e)
{
	err_msg(e, "rlc-fetch ended while it fetched %s", s->what);
	return err_hint(e, "was memory short? see: dmesg | tail");
}

/* n bytes that must be there. */
static int receive(const struct fetch_stream *s, void *to, size_t n, struct err *e)
{
	ssize_t got = fd_read_full(s->pipe, to, n);

	if (got < 0)
		return err_sys(e, "read from rlc-fetch");
	return (size_t)got == n ? 0 : died(s, e);
}

/* The next frame's type, its body in s->piece. -1: error, the other half's included. */
static int next_frame(struct fetch_stream *s, struct fetch_frame *ret, struct err *e)
{
	if (receive(s, ret, sizeof(*ret), e) < 0 ||
	    fetch_answer_step(&s->answer, ret, s->max, e) < 0 ||
	    receive(s, s->piece, ret->size, e) < 0)
		return -1;
	return ret->type == FETCH_ERROR ? fetch_error_decode(s->piece, ret->size, e) : 0;
}

static ssize_t fetch_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct fetch_stream *s = (struct fetch_stream *)base;
	struct fetch_frame f;

	if (s->answer.ended)
		return 0;
	if (next_frame(s, &f, e) < 0)
		return -1;
	*ret = s->piece;
	return f.type == FETCH_DATA ? (ssize_t)f.size : 0;
}

static void fetch_free(struct stream *base)
{
	struct fetch_stream *s = (struct fetch_stream *)base;

	close(s->pipe);
	free(s);
}

/* Sends the request with the write end of a new pipe. Returns the read end. */
static int ask(int sock, const struct fetch_request *r, struct err *e)
{
	auto_fd int in = -1, out = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe to rlc-fetch");
	in = ends[0];
	out = ends[1];
	(void)fcntl(out, F_SETPIPE_SZ, FETCH_PIPE); /* the user's pipe quota may be used up */
	if (fd_send(sock, r, sizeof(*r), out) < 0) {
		if (errno != EPIPE && errno != ECONNRESET)
			return err_sys(e, "ask rlc-fetch for %s", r->what);
		return err_msg(e, "rlc-fetch ended before it was asked for %s", r->what);
	}
	return take_fd(&in);
}

/* An answer begins with its head, or is an error. */
static int read_head(struct fetch_stream *s, struct fetch_head *ret, struct err *e)
{
	struct fetch_frame f;

	if (next_frame(s, &f, e) < 0)
		return -1;
	return fetch_head_decode(s->piece, f.size, ret, e);
}

int fetch_open(int sock, enum fetch_kind kind, const char *what, uint64_t max,
	       struct fetch_head *ret_head, struct stream **ret, struct err *e)
{
	struct fetch_request r;
	struct fetch_stream *s;
	struct fetch_head head;
	int pipe;

	if (fetch_request_make(kind, what, max, &r, e) < 0)
		return -1;
	pipe = ask(sock, &r, e);
	if (pipe < 0)
		return -1;
	s = xcalloc(1, sizeof(*s));
	s->base = (struct stream){.next = fetch_next, .free = fetch_free};
	s->pipe = pipe;
	s->max = max;
	memcpy(s->what, r.what, sizeof(s->what));
	if (read_head(s, &head, e) < 0) {
		fetch_free(&s->base);
		return -1;
	}
	if (ret_head)
		*ret_head = head;
	*ret = &s->base;
	return 0;
}
