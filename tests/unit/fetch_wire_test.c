/* SPDX-License-Identifier: Apache-2.0 */
/* The wire between the halves of a pull, as a broken half might speak on it. */
#include "lib/base/auto.h"
#include "storage/fetch_wire.h"
#include "tests/unit/tap.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct fetch_request r;
static struct err e;

static void test_requests(void)
{
	char longest[FETCH_WHAT + 1];

	ok(fetch_request_make(FETCH_BLOB, DIGEST, 7, &r, &e) == 0 && r.max == 7 &&
	       strcmp(r.what, DIGEST) == 0,
	   "a blob by digest");
	ok(fetch_request_is_sound(&r, sizeof(r)), "what is made is sound");
	ok(!fetch_request_is_sound(&r, sizeof(r) - 1), "a cut request");
	ok(fetch_request_make(FETCH_MANIFEST, "v1.0_x", 7, &r, &e) == 0, "a manifest by tag");
	ok(fetch_request_make(FETCH_MANIFEST, DIGEST, 7, &r, &e) == 0, "a manifest by digest");
	ok(fetch_request_make(FETCH_BLOB, "latest", 7, &r, &e) < 0 &&
	       strcmp(e.what, "\"latest\" is no digest that can be fetched") == 0,
	   "a blob by tag");
	ok(fetch_request_make(FETCH_MANIFEST, "../../x/blobs/y", 7, &r, &e) < 0,
	   "a path for a tag");
	ok(fetch_request_make(FETCH_MANIFEST, "", 7, &r, &e) < 0, "nothing for a tag");
	ok(fetch_request_make(FETCH_BLOB, "sha256:xyz", 7, &r, &e) < 0, "a short digest");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ok(fetch_request_make(FETCH_MANIFEST, longest, 7, &r, &e) < 0, "a tag beyond its room");
	longest[128] = '\0';
	ok(fetch_request_make(FETCH_MANIFEST, longest, 7, &r, &e) == 0, "the longest tag");
	r.what[FETCH_WHAT - 1] = 'a';
	ok(!fetch_request_is_sound(&r, sizeof(r)), "a request without an end");
	r.what[FETCH_WHAT - 1] = '\0';
	r.kind = 2;
	ok(!fetch_request_is_sound(&r, sizeof(r)), "an unknown kind");
}

/* Whether a frame may follow those of the answer so far. */
static int step(struct fetch_answer *a, uint32_t type, uint32_t size)
{
	const struct fetch_frame f = {type, size};

	return fetch_answer_step(a, &f, 10, &e);
}

static void test_order(void)
{
	struct fetch_answer a = {0};

	ok(step(&a, FETCH_DATA, 1) < 0, "data before the head");
	ok(step(&a, FETCH_END, 0) < 0, "an end before the head");
	ok(step(&a, FETCH_HEAD, sizeof(struct fetch_head) - 1) < 0, "a short head");
	ok(step(&a, FETCH_HEAD, sizeof(struct fetch_head)) == 0, "the head");
	ok(step(&a, FETCH_HEAD, sizeof(struct fetch_head)) < 0, "a second head");
	ok(step(&a, FETCH_DATA, 0) < 0, "data of no bytes");
	ok(step(&a, FETCH_DATA, 6) == 0 && step(&a, FETCH_DATA, 4) == 0, "as much as asked for");
	ok(step(&a, FETCH_DATA, 1) < 0, "a byte more");
	ok(step(&a, FETCH_END, 1) < 0, "an end with bytes");
	ok(step(&a, 0, 0) < 0 && step(&a, FETCH_END + 1, 0) < 0, "unknown frames");
	ok(step(&a, FETCH_ERROR, 1) < 0, "a short error");
	ok(step(&a, FETCH_END, 0) == 0 && a.got == 10, "the end");
	ok(step(&a, FETCH_END, 0) < 0 && step(&a, FETCH_ERROR, sizeof(struct err)) < 0,
	   "anything after it");
	a = (struct fetch_answer){.has_head = true};
	ok(fetch_answer_step(&a, &(struct fetch_frame){FETCH_DATA, FETCH_DATA_MAX + 1}, UINT64_MAX,
			     &e) < 0,
	   "data beyond the reader's room");
	a = (struct fetch_answer){0};
	ok(step(&a, FETCH_ERROR, sizeof(struct err)) == 0 && a.ended, "an error alone");
}

static void test_bodies(void)
{
	struct fetch_head head = {.length = 5, .media_type = "a/b", .digest = DIGEST}, got;
	struct err sent = {.exit = 1000, .what = "a\033[2Jb", .hint = "next\nline"};

	ok(fetch_head_decode(&head, sizeof(head), &got, &e) == 0 && got.length == 5 &&
	       strcmp(got.media_type, "a/b") == 0,
	   "a head");
	ok(fetch_head_decode(&head, sizeof(head) - 1, &got, &e) < 0, "a cut head");
	head.media_type[1] = '\n';
	ok(fetch_head_decode(&head, sizeof(head), &got, &e) < 0, "a line break in a media type");
	head.media_type[1] = '/';
	memset(head.digest, 'a', sizeof(head.digest));
	ok(fetch_head_decode(&head, sizeof(head), &got, &e) < 0, "a digest without an end");
	ok(fetch_error_decode(&sent, sizeof(sent), &e) < 0 && strcmp(e.what, "a\\x1b[2Jb") == 0 &&
	       strcmp(e.hint, "next\nline") == 0 && e.exit == EXIT_LAUNCHER,
	   "an error is made harmless");
	memset(sent.what, 'a', sizeof(sent.what));
	ok(fetch_error_decode(&sent, sizeof(sent), &e) < 0 && strlen(e.what) == sizeof(e.what) - 1,
	   "and gets its end");
	ok(fetch_error_decode(&sent, 3, &e) < 0 && strstr(e.what, "wrong size"), "a cut error");
}

int main(void)
{
	test_requests();
	test_order();
	test_bodies();
	return tap_end();
}
