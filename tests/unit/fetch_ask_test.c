/* SPDX-License-Identifier: Apache-2.0 */
/* The asking end of a pull, with the test in rlc-fetch's place. */
#include "lib/base/auto.h"
#include "lib/base/fd.h"
#include "storage/fetch_ask.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { BIG = 5 << 20 };

static void frame(int pipe, uint32_t type, const void *bytes, size_t n)
{
	const struct fetch_frame f = {type, (uint32_t)n};

	if (fd_write_all(pipe, &f, sizeof(f)) < 0 || fd_write_all(pipe, bytes, n) < 0)
		_exit(7); /* the reader went away */
}

static void head(int pipe)
{
	const struct fetch_head h = {.length = 4, .media_type = "text/plain", .digest = DIGEST};

	frame(pipe, FETCH_HEAD, &h, sizeof(h));
}

static void answer_whole(int pipe)
{
	head(pipe);
	frame(pipe, FETCH_DATA, "ab", 2);
	frame(pipe, FETCH_DATA, "cd", 2);
	frame(pipe, FETCH_END, NULL, 0);
}

static void answer_error(int pipe)
{
	struct err e;

	err_msg(&e, "no such thing");
	frame(pipe, FETCH_ERROR, &e, sizeof(e));
}

static void answer_error_later(int pipe)
{
	head(pipe);
	frame(pipe, FETCH_DATA, "ab", 2);
	answer_error(pipe);
}

static void answer_cut(int pipe)
{
	head(pipe);
	frame(pipe, FETCH_DATA, "ab", 2);
}

static void answer_nothing(int pipe)
{
	(void)pipe; /* closed by our end */
}

static void answer_too_much(int pipe)
{
	head(pipe);
	frame(pipe, FETCH_DATA, "abcdefghijk", 11);
}

static void answer_endless(int pipe)
{
	static const char bytes[FETCH_DATA_MAX];

	head(pipe);
	for (;;)
		frame(pipe, FETCH_DATA, bytes, sizeof(bytes));
}

/* Starts a child that answers one request so; returns our end of the socket. */
static int serve(void (*answer)(int pipe), pid_t *ret_pid)
{
	struct fetch_request r;
	int pair[2], pipe;
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	fflush(stdout);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		close(pair[0]);
		n = fd_recv(pair[1], &r, sizeof(r), &pipe);
		if (n <= 0 || !fetch_request_is_sound(&r, (size_t)n) || pipe < 0)
			_exit(1);
		answer(pipe);
		_exit(0);
	}
	close(pair[1]);
	return pair[0];
}

static int status_of(pid_t pid)
{
	int status = -1;

	if (waitpid(pid, &status, 0) < 0)
		abort();
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* All of the body as text. -1: as fetch_open or the stream says. */
static int fetch(void (*answer)(int pipe), char *text, struct fetch_head *h, struct err *e)
{
	const unsigned char *bytes;
	struct stream *s = NULL;
	pid_t pid;
	auto_fd int sock = serve(answer, &pid);
	ssize_t n = -1;

	*text = '\0';
	if (fetch_open(sock, FETCH_BLOB, DIGEST, 10, h, &s, e) == 0) {
		while ((n = s->next(s, &bytes, e)) > 0)
			strncat(text, (const char *)bytes, (size_t)n);
		if (n == 0 && s->next(s, &bytes, e) != 0)
			strcat(text, " and no end");
	}
	stream_free(s);
	(void)status_of(pid);
	return (int)n;
}

static void test_answers(void)
{
	struct fetch_head h = {0};
	struct err e = {0};
	char text[64];

	ok(fetch(answer_whole, text, &h, &e) == 0 && strcmp(text, "abcd") == 0, "a whole body");
	ok(h.length == 4 && strcmp(h.media_type, "text/plain") == 0 &&
	       strcmp(h.digest, DIGEST) == 0,
	   "and its head");
	ok(fetch(answer_error, text, NULL, &e) < 0 && strcmp(e.what, "no such thing") == 0,
	   "an error in place of the head");
	ok(fetch(answer_error_later, text, NULL, &e) < 0 && strcmp(e.what, "no such thing") == 0 &&
	       strcmp(text, "ab") == 0,
	   "an error in the middle");
	ok(fetch(answer_cut, text, NULL, &e) < 0 &&
	       strstr(e.what, "ended while it fetched sha256:"),
	   "an end without END");
	ok(fetch(answer_nothing, text, NULL, &e) < 0 && strstr(e.what, "ended while it fetched"),
	   "nothing at all");
	ok(fetch(answer_too_much, text, NULL, &e) < 0 && strstr(e.what, "more data than was asked"),
	   "more than the maximum");
}

static void test_cancel(void)
{
	const unsigned char *bytes;
	struct stream *s = NULL;
	struct err e = {0};
	uint64_t got = 0;
	ssize_t n = 0;
	pid_t pid;
	auto_fd int sock = serve(answer_endless, &pid);

	ok(fetch_open(sock, FETCH_BLOB, DIGEST, UINT64_MAX, NULL, &s, &e) == 0, "an endless body");
	while (got < BIG && (n = s->next(s, &bytes, &e)) > 0)
		got += (uint64_t)n;
	ok(got >= BIG, "is read for a while");
	stream_free(s);
	ok(status_of(pid) == 7, "and cancelled by letting go of it");
}

static void test_gone(void)
{
	struct stream *s = NULL;
	struct err e = {0};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	close(pair[1]);
	ok(fetch_open(pair[0], FETCH_MANIFEST, "latest", 10, NULL, &s, &e) < 0 &&
	       strcmp(e.what, "rlc-fetch ended before it was asked for latest") == 0,
	   "nobody to ask");
	ok(fetch_open(pair[0], FETCH_BLOB, "latest", 10, NULL, &s, &e) < 0 &&
	       strstr(e.what, "no digest"),
	   "nothing to ask for");
	close(pair[0]);
}

int main(void)
{
	test_answers();
	test_cancel();
	test_gone();
	return tap_end();
}
