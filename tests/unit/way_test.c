/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a forwarded connection, between two pairs of TCP sockets on loopback. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/fd.h"
#include "net/way.h"
#include "tests/unit/tap.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

/* peer[0] — from, to — peer[1] */
struct scene {
	int peer[2];
	struct way way;
	struct pipes pipes;
};

static void make_pair(int *ret_a, int *ret_b)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	auto_fd int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret_a = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&at, len) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&at, &len) < 0 ||
	    connect(*ret_a, (struct sockaddr *)&at, len) < 0)
		abort();
	*ret_b = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (*ret_b < 0)
		abort();
}

static void begin(struct scene *s)
{
	*s = (struct scene){.way = {.readable = true, .writable = true}, .pipes.most = PIPES_MAX};
	make_pair(&s->peer[0], &s->way.from);
	make_pair(&s->peer[1], &s->way.to);
}

static void end(struct scene *s)
{
	way_drop(&s->way, &s->pipes);
	close(s->way.from);
	close(s->way.to);
	close(s->peer[0]);
	close(s->peer[1]);
	while (s->pipes.idle) {
		struct pipe *p = pipes_take(&s->pipes);

		p->held = 1; /* not kept */
		pipes_give(&s->pipes, p);
	}
}

/* What epoll would tell; waits a moment for it. */
static void note(struct scene *s)
{
	struct pollfd p[] = {{s->way.from, POLLIN | POLLRDHUP, 0}, {s->way.to, POLLOUT, 0}};

	(void)poll(p, 1, 50);
	(void)poll(p, 2, 0);
	s->way.readable |= p[0].revents != 0;
	s->way.ending |= (p[0].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
	s->way.writable |= p[1].revents != 0;
}

static enum way_state pump(struct scene *s)
{
	note(s);
	return way_pump(&s->way, &s->pipes);
}

static void test_little(void)
{
	struct scene s;
	char buf[16] = "";

	begin(&s);
	ok(write(s.peer[0], "hello", 5) == 5 && pump(&s) == WAY_WAITS &&
	       recv(s.peer[1], buf, sizeof(buf), 0) == 5 && strcmp(buf, "hello") == 0,
	   "a little is passed on");
	ok(s.pipes.n == 0, "without a pipe");
	ok(pump(&s) == WAY_WAITS && !s.way.done, "nothing is no end");
	shutdown(s.peer[0], SHUT_WR);
	ok(pump(&s) == WAY_WAITS && s.way.done && recv(s.peer[1], buf, sizeof(buf), 0) == 0,
	   "an end is passed on");
	ok(write(s.peer[1], "back", 4) == 4 && recv(s.way.to, buf, sizeof(buf), 0) == 4,
	   "and is that of one direction");
	end(&s);
}

/* In steps, for there are limits to what sockets hold. Returns whether every byte came. */
static bool carry(struct scene *s, size_t size, bool *ret_piped)
{
	auto_free unsigned char *sent = xcalloc(1, size), *got = xcalloc(1, size);
	size_t out = 0, in = 0;

	for (size_t i = 0; i < size; i++)
		sent[i] = (unsigned char)(i * 31 + i / 251);
	*ret_piped = false;
	for (int idle = 0; in < size && idle < 100;) {
		ssize_t n = out < size ? send(s->peer[0], sent + out, size - out, MSG_DONTWAIT) : 0;

		out += n > 0 ? (size_t)n : 0;
		if (pump(s) == WAY_BROKEN)
			return false;
		*ret_piped |= s->pipes.n > 0;
		n = recv(s->peer[1], got + in, size - in, MSG_DONTWAIT);
		in += n > 0 ? (size_t)n : 0;
		idle = n > 0 ? 0 : idle + 1;
	}
	return in == size && memcmp(sent, got, size) == 0;
}

static void test_much(void)
{
	struct scene s;
	bool piped;

	begin(&s);
	ok(carry(&s, 20 << 20, &piped), "20 MiB come whole");
	ok(piped, "by a pipe");
	ok(!s.way.pipe, "which is given back");
	end(&s);
}

static void test_no_pipes(void)
{
	struct scene s;
	bool piped;

	begin(&s);
	s.pipes.most = 0;
	ok(carry(&s, 5 << 20, &piped) && !s.way.pipe && !piped,
	   "without a pipe to be had, all is copied");
	end(&s);
}

static void test_slow_reader(void)
{
	static char block[1 << 20];
	struct scene s;
	size_t total = 0;
	ssize_t n;

	begin(&s);
	for (int idle = 0; idle < 20;) {
		n = send(s.peer[0], block, sizeof(block), MSG_DONTWAIT);
		total += n > 0 ? (size_t)n : 0;
		idle = n > 0 ? 0 : idle + 1;
		(void)pump(&s);
	}
	ok(total < 64 << 20, "what nobody reads stays with its writer (%zu bytes taken)", total);
	ok(!s.way.pipe || s.way.pipe->held <= s.way.pipe->size, "a pipe holds no more than itself");
	end(&s);
}

static void test_reset(void)
{
	const struct linger now = {.l_onoff = 1};
	struct scene s;

	begin(&s);
	setsockopt(s.peer[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(s.peer[0]);
	s.peer[0] = -1;
	ok(pump(&s) == WAY_BROKEN, "a reset of the writer's is told");
	end(&s);

	begin(&s);
	setsockopt(s.peer[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(s.peer[1]);
	s.peer[1] = -1;
	ok(write(s.peer[0], "x", 1) == 1 && pump(&s) == WAY_BROKEN, "a reset of the reader's too");
	end(&s);
}

/* One busy connection must not keep the others waiting. Sockets learn to hold much, in turns. */
static void test_fairness(void)
{
	static char block[1 << 20];
	enum way_state state = WAY_WAITS;
	struct scene s;

	begin(&s);
	s.pipes.n = PIPES_MAX; /* copied: small steps */
	for (int turn = 0; turn < 200 && state == WAY_WAITS; turn++) {
		while (send(s.peer[0], block, sizeof(block), MSG_DONTWAIT) > 0)
			;
		state = pump(&s);
		while (recv(s.peer[1], block, sizeof(block), MSG_DONTWAIT) > 0)
			;
	}
	ok(state == WAY_MORE && s.way.moved == 16 * 32 << 10,
	   "it stops in between, after %zu bytes", s.way.moved);
	s.pipes.n = 0;
	end(&s);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_little();
	test_much();
	test_no_pipes();
	test_slow_reader();
	test_reset();
	test_fairness();
	return tap_end();
}
