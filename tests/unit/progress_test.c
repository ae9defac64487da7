/* SPDX-License-Identifier: Apache-2.0 */
/* News of a pull, as a broken rlc-image might write them. */
#include "lib/base/auto.h"
#include "storage/progress.h"
#include "tests/unit/tap.h"

#include <fcntl.h>

static const struct progress good = {
    .layer = 1,
    .layers = 3,
    .state = PROGRESS_FETCHING,
    .done = 5,
    .total = 9,
    .digest = "sha256:0123456789ab",
};

static void test_lies(void)
{
	struct progress p = good;

	ok(progress_is_sound(&p), "what rlc-image writes may be shown");
	p.layer = 3;
	ok(!progress_is_sound(&p), "a layer beyond the last");
	p = good;
	p.layers = PROGRESS_LAYERS_MAX + 1;
	ok(!progress_is_sound(&p), "more layers than an image has");
	p = good;
	p.state = PROGRESS_DONE + 1;
	ok(!progress_is_sound(&p), "an unknown state");
	p = good;
	p.done = 10;
	ok(!progress_is_sound(&p), "more than all");
	p = good;
	p.digest[9] = '\033';
	ok(!progress_is_sound(&p), "an escape sequence in the digest");
	p = good;
	p.digest[PROGRESS_DIGEST - 1] = 'a';
	ok(!progress_is_sound(&p), "a digest without an end");
}

static void test_pipe(void)
{
	struct progress got = {0};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_DIRECT) < 0)
		abort();
	progress_send(ends[1], &good);
	progress_send(ends[1], &good);
	ok(progress_receive(ends[0], &got) == 1 && memcmp(&got, &good, sizeof(got)) == 0,
	   "one goes through the pipe");
	ok(progress_receive(ends[0], &got) == 1, "and the next as one of its own");
	(void)!write(ends[1], "short", 5);
	ok(progress_receive(ends[0], &got) == 0, "a part of one ends it");
	close(ends[1]);
	ok(progress_receive(ends[0], &got) == 0, "as does the end of file");
	close(ends[0]);
}

int main(void)
{
	test_lies();
	test_pipe();
	return tap_end();
}
