/* SPDX-License-Identifier: Apache-2.0 */
/* What a broken rlc-image or rlc-fetch says, on its way to a terminal. */
#include "storage/answer.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/notices.h"
#include "tests/unit/tap.h"

#include <fcntl.h>

static void test_error(void)
{
	static const struct {
		const char *from, *to, *what;
	} rows[] = {
	    {"\033[2J", "\\x1b[2J", "an escape sequence"},
	    {"a\rb\177", "a\\x0db\\x7f", "control characters"},
	    {"\x9b"
	     "31m",
	     "\\x9b31m", "a C1 byte"},
	    {"\xc2\x9b"
	     "31m",
	     "\\xc2\\x9b31m", "a C1 character in UTF-8"},
	    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "UTF-8 stays"},
	    {"\xff\xc0\x80", "\\xff\\xc0\\x80", "what is not UTF-8"},
	    {"one\ntwo\n", "one\ntwo\n", "lines stay lines"},
	};
	struct err e, sent;

	for (size_t i = 0; i < array_len(rows); i++) {
		sent = (struct err){.exit = 300};
		strcpy(sent.what, rows[i].from);
		strcpy(sent.hint, rows[i].from);
		answer_read_error(&sent, &e);
		ok(strcmp(e.what, rows[i].to) == 0 && strcmp(e.hint, rows[i].to) == 0 &&
		       e.exit == EXIT_LAUNCHER,
		   "%s", rows[i].what);
	}
	memset(&sent, 0x1b, sizeof(sent));
	answer_read_error(&sent, &e);
	ok(strlen(e.what) < sizeof(e.what) && !strchr(e.what, 0x1b), "text without an end ends");
	sent = (struct err){0};
	memset(sent.what, 'a', sizeof(sent.what) - 2);
	memcpy(sent.what + sizeof(sent.what) - 6, "a\xc3\xbc\xc3\xbc", 5);
	memset(sent.what, '\1', 1);
	answer_read_error(&sent, &e);
	ok(strlen(e.what) == sizeof(e.what) - 2 && strcmp(e.what + sizeof(e.what) - 3, "a") == 0,
	   "what grows too long is cut between characters");
}

/* What is said on descriptor 2 while `text` comes through the pipe, and once it has come. */
static char *relayed(const char *text, size_t n, bool at_end, size_t *ret_n)
{
	static char shown[16 * NOTICES_MAX];
	struct notices notices;
	struct err e;
	int out = notices_open(&notices, "rlc-image", &e), stderr_was = dup(2), file;
	ssize_t got;

	file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	fflush(stdout);
	dup2(file, 2);
	while (n) {
		size_t part = n < 4096 ? n : 4096;

		(void)!write(out, text, part);
		text += part;
		n -= part;
		if (!at_end)
			notices_relay(&notices);
	}
	close(out);
	notices_end(&notices);
	dup2(stderr_was, 2);
	close(stderr_was);
	got = pread(file, shown, sizeof(shown) - 1, 0);
	close(file);
	*ret_n = got > 0 ? (size_t)got : 0;
	shown[*ret_n] = '\0';
	return shown;
}

static bool shows(const char *text, const char *wanted)
{
	size_t n;
	const char *shown = relayed(text, strlen(text), false, &n);
	bool right = strcmp(shown, wanted) == 0;

	if (!right)
		printf("# shown: %s\n", shown);
	return right;
}

static void test_notices(void)
{
	static char flood[4 * NOTICES_MAX];
	size_t n;

	ok(shows("rlc: notice: three\nrlc: four\n", "rlc: notice: three\nrlc: four\n"),
	   "notices are shown as they are");
	ok(shows("malloc(): corrupted\n", "rlc-image: malloc(): corrupted\n"),
	   "what is none tells whose it is");
	ok(shows("rlc: \033]0;x\a\x9b"
		 "31m\xc2\x9b\r\n",
		 "rlc: \\x1b]0;x\\x07\\x9b31m\\xc2\\x9b\\x0d\n"),
	   "no byte of it is obeyed");
	ok(shows("rlc: no end", "rlc: no end\n"), "a line without an end is one");
	ok(shows("", ""), "nothing is nothing");
	ok(strcmp(relayed("rlc: last\nwords\n", 16, true, &n), "rlc: last\nrlc-image: words\n") ==
	       0,
	   "last words are shown");
	memset(flood, 'a', sizeof(flood));
	(void)relayed(flood, sizeof(flood), false, &n);
	ok(n < NOTICES_MAX + 4096, "a flood ends");
	memset(flood, '\n', sizeof(flood));
	(void)relayed(flood, sizeof(flood), false, &n);
	ok(n <= (size_t)NOTICES_MAX * 13 && n, "one of empty lines too");
}

static bool reads(const void *bytes, size_t n)
{
	struct json_object *o = NULL;
	struct err e = {0};

	return answer_read(bytes, n, &o, &e) == 0;
}

static void test_answer(void)
{
	char bytes[2 + sizeof(struct err)] = "E";

	ok(!reads("", 0) && !reads("J", 1) && !reads("J{", 2) && !reads("X{}", 3),
	   "what is no answer");
	ok(!reads(bytes, sizeof(bytes)) && !reads(bytes, sizeof(bytes) - 2), "a cut error");
}

int main(void)
{
	test_error();
	test_notices();
	test_answer();
	return tap_end();
}
