/* SPDX-License-Identifier: Apache-2.0 */
/* Frames through a pipe that is often full. */
#include "lib/base/auto.h"
#include "lib/base/fd.h"
#include "storage/outbox.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>

static struct outbox o;
static int reader;

static void begin(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0 || fcntl(ends[1], F_SETPIPE_SZ, 4096) < 0)
		abort();
	reader = ends[0];
	outbox_init(&o, ends[1]);
}

static void end(void)
{
	close(reader);
	close(o.pipe);
}

/* The next frame from bytes, its body checked to be made of `fill`. */
static size_t frame_at(const unsigned char *bytes, uint32_t type, unsigned char fill)
{
	struct fetch_frame f;

	memcpy(&f, bytes, sizeof(f));
	if (f.type != type)
		return 0;
	for (size_t i = 0; i < f.size; i++)
		if (bytes[sizeof(f) + i] != fill)
			return 0;
	return sizeof(f) + f.size;
}

static void test_gather(void)
{
	unsigned char got[4096];
	size_t n, at;

	begin();
	outbox_frame(&o, FETCH_HEAD, "hhh", 3);
	outbox_data(&o, "dd", 2);
	outbox_data(&o, "ddd", 3);
	outbox_frame(&o, FETCH_END, NULL, 0);
	ok(outbox_flush(&o), "all of it fits into the pipe");
	n = (size_t)read(reader, got, sizeof(got));
	at = frame_at(got, FETCH_HEAD, 'h');
	ok(at == 11 && frame_at(got + at, FETCH_DATA, 'd') == 13, "two pieces are one frame");
	at += 13;
	ok(frame_at(got + at, FETCH_END, 0) == 8 && at + 8 == n, "and the end ends it");
	end();
}

/* Reads until nothing more comes. */
static size_t drain(unsigned char *to, size_t at)
{
	ssize_t n;

	while ((n = read(reader, to + at, 4096)) > 0)
		at += (size_t)n;
	return at;
}

static void test_full(void)
{
	static unsigned char got[2 * FETCH_DATA_MAX], piece[16384];
	size_t pieces = 0, at = 0, frame;
	bool done = false;

	begin();
	memset(piece, 'p', sizeof(piece));
	for (; outbox_has_room(&o, sizeof(piece)); pieces++)
		outbox_data(&o, piece, sizeof(piece));
	ok(pieces == FETCH_DATA_MAX / sizeof(piece) - 1, "pieces until there is no room");
	ok(!outbox_flush(&o), "the pipe does not take all of it");
	outbox_frame(&o, FETCH_ERROR, piece, sizeof(struct err));
	while (!done) {
		at = drain(got, at);
		done = outbox_flush(&o);
	}
	at = drain(got, at);
	frame = frame_at(got, FETCH_DATA, 'p');
	ok(frame == 8 + pieces * sizeof(piece), "it comes out whole");
	ok(frame_at(got + frame, FETCH_ERROR, 'p') + frame == at, "with the error that came after");
	ok(outbox_has_room(&o, sizeof(piece)), "and there is room again");
	end();
}

static void test_broken(void)
{
	begin();
	close(reader);
	outbox_data(&o, "d", 1);
	(void)outbox_flush(&o);
	ok(o.is_broken, "a reader that went away");
	close(o.pipe);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_gather();
	test_full();
	test_broken();
	return tap_end();
}
