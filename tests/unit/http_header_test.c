/* SPDX-License-Identifier: Apache-2.0 */
/* Header lines, right and wrong, and what a whole head leaves of them. */
#include "lib/base/auto.h"
#include "storage/http_header.h"
#include "storage/response.h"
#include "tests/unit/tap.h"

static struct http_text text(const char *s)
{
	return (struct http_text){s, strlen(s)};
}

static int status(const char *line)
{
	return http_status(line, strlen(line));
}

static void test_status(void)
{
	ok(status("HTTP/1.1 200 OK\r\n") == 200, "HTTP/1.1");
	ok(status("HTTP/2 404\r\n") == 404, "HTTP/2 has no words");
	ok(status("HTTP/1.1 20\r\n") == 0 && status("HTTP/1.1 2x0\r\n") == 0 &&
	       status("HTTP/1.1 999\r\n") == 0 && status("HTTP/1.1") == 0 &&
	       status("HTTP/1.1 20") == 0,
	   "what is no status");
	ok(status("X-HTTP/1.1 200 OK") == 0, "another line");
}

static void test_header(void)
{
	struct http_text v;
	static const char line[] = "content-TYPE: \t a/b ; c=d \r\n";

	ok(http_header(line, strlen(line), "Content-Type", &v) && v.n == 9 &&
	       memcmp(v.s, "a/b ; c=d", 9) == 0,
	   "a header, whatever its case, without the blanks around");
	ok(!http_header("Content-Types: x", 16, "Content-Type", &v), "a longer name");
	ok(!http_header("Content-Type", 12, "Content-Type", &v), "no colon");
	ok(http_header("A:", 2, "A", &v) && v.n == 0, "an empty value");
}

static void test_range(void)
{
	static const char *const wrong[] = {
	    "bytes 5-4/10",  "bytes 0-10/10",
	    "bytes 0-9/",    "bytes -9/10",
	    "bytes */10",    "bits 0-9/10",
	    "bytes 0-9/10x", "bytes 0-9",
	    "bytes a-9/10",  "bytes 0-99999999999999999999999/9999999999999999999999999",
	    "bytes 0- 9/10", ""};
	struct http_range r;

	ok(http_content_range(text("bytes 5-9/10"), &r) && r.first == 5 && r.last == 9 &&
	       r.total == 10,
	   "the rest of ten");
	ok(http_content_range(text("Bytes 5-9/*"), &r) && r.total == UINT64_MAX, "of who knows");
	for (size_t i = 0; i < array_len(wrong); i++)
		ok(!http_content_range(text(wrong[i]), &r), "\"%s\"", wrong[i]);
}

static void test_retry_after(void)
{
	uint64_t s = 7;

	ok(http_retry_after(text("120"), 0, &s) && s == 120, "seconds");
	ok(http_retry_after(text("Thu, 01 Jan 1970 00:02:00 GMT"), 30, &s) && s == 90, "a date");
	ok(http_retry_after(text("Thu, 01 Jan 1970 00:02:00 GMT"), 300, &s) && s == 0,
	   "a date that is past");
	ok(!http_retry_after(text("soon"), 0, &s) &&
	       !http_retry_after(text("Thu, 01 Jan 1970 00:02:00 GMT+1"), 0, &s) &&
	       !http_retry_after(text("99999999999999999999999"), 0, &s) &&
	       !http_retry_after(text("-1"), 0, &s),
	   "neither");
}

static void test_word(void)
{
	char to[8];

	http_copy_word(text("A/b; c"), ";", to, sizeof(to));
	ok(strcmp(to, "a/b") == 0, "up to the parameters, in lower case");
	http_copy_word(text("1234567"), ";", to, sizeof(to));
	ok(strcmp(to, "1234567") == 0, "as much as fits");
	http_copy_word(text("12345678"), ";", to, sizeof(to));
	ok(*to == '\0', "a byte more: nothing");
	http_copy_word(text("a\033[2J"), ";", to, sizeof(to));
	ok(*to == '\0', "an escape sequence: nothing");
}

static bool line(struct response *r, const char *l)
{
	return response_line(r, l, strlen(l), 0);
}

static void test_response(void)
{
	struct response r = {0};
	char long_line[RESPONSE_HEADERS_MAX / 2 + 1];

	response_reset(&r);
	line(&r, "HTTP/1.1 307 Temporary Redirect\r\n");
	line(&r, "WWW-Authenticate: Basic realm=\"x\"\r\n");
	line(&r, "Content-Length: 5\r\n");
	line(&r, "Docker-Content-Digest: sha256:aa\r\n");
	ok(r.status == 307 && r.length == 5 && r.challenge.scheme == CHALLENGE_BASIC &&
	       strcmp(r.digest, "sha256:aa") == 0,
	   "a first head");
	line(&r, "HTTP/1.1 206 Partial Content\r\n");
	ok(r.status == 206 && r.length == UINT64_MAX && r.challenge.scheme == CHALLENGE_NONE &&
	       r.digest[0] == '\0' && !r.has_range && r.retry_after == UINT64_MAX,
	   "is forgotten with the next");
	line(&r, "Content-Range: bytes 1-2/3\r\n");
	line(&r, "Content-Type: Application/JSON; charset=utf-8\r\n");
	line(&r, "Retry-After: 3\r\n");
	ok(r.has_range && r.range.first == 1 && strcmp(r.media_type, "application/json") == 0 &&
	       r.retry_after == 3,
	   "whose lines count");
	line(&r, "Content-Range: nonsense\r\n");
	ok(!r.has_range, "a second range that is none takes the first back");
	memset(long_line, 'a', sizeof(long_line) - 1);
	long_line[sizeof(long_line) - 1] = '\0';
	ok(line(&r, long_line) && !line(&r, long_line), "too many bytes of headers");
	response_reset(&r);
	ok(strcmp(response_words(404), "not found") == 0 && strcmp(response_words(299), "") == 0,
	   "a status in words");
}

int main(void)
{
	test_status();
	test_header();
	test_range();
	test_retry_after();
	test_word();
	test_response();
	return tap_end();
}
