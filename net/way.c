/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a forwarded connection; runs in rlc-ports. */
#include "net/way.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

enum { COPY_SIZE = 32 << 10, ROUNDS = 16 };

enum step { STEP_MOVED, STEP_WAITS, STEP_BROKEN };

static bool would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/*
 * A look, a send, and only then is what was sent taken out of the source: no byte is ever held
 * here, however little the reader takes.
 */
static enum step copy(struct way *w)
{
	static char buf[COPY_SIZE];
	ssize_t seen, sent;

	if (!w->readable || !w->writable)
		return STEP_WAITS;
	seen = recv(w->from, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT);
	if (seen < 0) {
		w->readable = false;
		return would_block() ? STEP_WAITS : STEP_BROKEN;
	}
	if (seen == 0) {
		w->ended = true;
		return STEP_WAITS;
	}
	sent = send(w->to, buf, (size_t)seen, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0) {
		w->writable = false;
		return would_block() ? STEP_WAITS : STEP_BROKEN;
	}
	if (recv(w->from, NULL, (size_t)sent, MSG_TRUNC | MSG_DONTWAIT) != sent)
		return STEP_BROKEN;
	if (sent < seen)
		w->writable = false;
	w->moved += (size_t)sent;
	w->bulk = seen == sizeof(buf);
	/* A short look is an empty socket; what comes later is told by a new event (epoll(7)). */
	if (!w->bulk && !w->ending && sent == seen)
		w->readable = false;
	return STEP_MOVED;
}

static enum step splice_in(struct way *w)
{
	struct pipe *p = w->pipe;
	ssize_t n;

	if (!w->readable || w->ended || p->held >= p->size)
		return STEP_WAITS;
	n = splice(w->from, NULL, p->write, NULL, p->size - p->held,
		   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0) {
		p->held += (size_t)n;
		w->moved += (size_t)n;
		return STEP_MOVED;
	}
	if (n == 0) {
		w->ended = true;
		return STEP_WAITS;
	}
	if (!would_block())
		return STEP_BROKEN;
	/* With bytes in the pipe it may be its slots that are full: then nothing is known. */
	if (p->held == 0)
		w->readable = false;
	return STEP_WAITS;
}

static enum step splice_out(struct way *w)
{
	struct pipe *p = w->pipe;
	ssize_t n;

	if (!w->writable || p->held == 0)
		return STEP_WAITS;
	n = splice(p->read, NULL, w->to, NULL, p->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0) {
		p->held -= (size_t)n;
		return STEP_MOVED;
	}
	if (n < 0 && !would_block())
		return STEP_BROKEN;
	w->writable = false;
	return STEP_WAITS;
}

static enum step move(struct way *w, struct pipes *pipes)
{
	enum step in, out;

	if (!w->pipe && w->bulk)
		w->pipe = pipes_take(pipes);
	if (!w->pipe)
		return copy(w);
	in = splice_in(w);
	if (in == STEP_BROKEN)
		return in;
	out = splice_out(w);
	if (out == STEP_BROKEN)
		return out;
	return in == STEP_MOVED || out == STEP_MOVED ? STEP_MOVED : STEP_WAITS;
}

enum way_state way_pump(struct way *w, struct pipes *pipes)
{
	enum step s = STEP_MOVED;

	w->moved = 0;
	for (int i = 0; i < ROUNDS && s == STEP_MOVED && !w->done; i++) {
		s = move(w, pipes);
		if (w->pipe && w->pipe->held == 0 && (s == STEP_WAITS || w->ended))
			way_drop(w, pipes);
		if (w->ended && !w->pipe) {
			/* Only this way ends: the answer may be still to come. */
			(void)shutdown(w->to, SHUT_WR);
			w->done = true;
		}
	}
	if (s == STEP_BROKEN)
		return WAY_BROKEN;
	w->bulk = w->moved >= COPY_SIZE;
	return s == STEP_MOVED && !w->done ? WAY_MORE : WAY_WAITS;
}

void way_drop(struct way *w, struct pipes *pipes)
{
	if (w->pipe)
		pipes_give(pipes, w->pipe);
	w->pipe = NULL;
}
