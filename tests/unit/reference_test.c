/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/reference.h"
#include "tests/unit/tap.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *text, *full; /* NULL: refused */
} rows[] = {
    {"alpine", "docker.io/library/alpine:latest"},
    {"alpine:3.19", "docker.io/library/alpine:3.19"},
    {"user/app", "docker.io/user/app:latest"},
    {"docker.io/alpine", "docker.io/library/alpine:latest"},
    {"index.docker.io/alpine", "docker.io/library/alpine:latest"},
    {"localhost/x", "localhost/x:latest"},
    {"localhost:5000/x:1", "localhost:5000/x:1"},
    {"Registry.Example/x", "Registry.Example/x:latest"},
    {"[::1]:5000/x", "[::1]:5000/x:latest"},
    {"a@sha256:" HEX64, "docker.io/library/a@sha256:" HEX64},
    {"a:t@sha256:" HEX64, "docker.io/library/a:t@sha256:" HEX64},
    {"a__b.c---d", "docker.io/library/a__b.c---d:latest"},
    {"1.0", "docker.io/library/1.0:latest"},
    {"", NULL},
    {"Alpine", NULL},
    {"a___b", NULL},
    {"a..b", NULL},
    {"-a", NULL},
    {"a-", NULL},
    {"a/", NULL},
    {"/a", NULL},
    {"a//b", NULL},
    {"../a", NULL},
    {"a:", NULL},
    {"a:.x", NULL},
    {"a:b:c", NULL},
    {"a:x y", NULL},
    {"a@sha256:12", NULL},
    {"a@md5:" HEX64, NULL},
    {"a@", NULL},
    {"host.example:port/a", NULL},
    {"host.example:/a", NULL},
    {"host..example/a", NULL},
    {"[::1/a", NULL},
    {"a\033[31m", NULL},
    {HEX64, NULL},
};

static void test_rows(void)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		struct reference r = {0};
		struct err e = {0};
		int got = reference_parse(rows[i].text, &r, &e);
		auto_free char *full = got == 0 ? reference_full(&r) : NULL;

		if (rows[i].full)
			ok(got == 0 && strcmp(full, rows[i].full) == 0, "%s", rows[i].text);
		else
			ok(got == -1 && e.what[0] && e.hint[0] && !strchr(e.what, '\033') &&
			       !r.domain && !r.path,
			   "refused: row %zu", i);
		reference_free(&r);
	}
}

static void test_length(void)
{
	struct reference r = {0};
	char text[300] = "localhost/";
	struct err e;

	memset(text + 10, 'a', 245);
	ok(reference_parse(text, &r, &e) == 0, "255 bytes are a name");
	reference_free(&r);
	text[255] = 'a';
	ok(reference_parse(text, &r, &e) < 0, "256 bytes are not");
}

static void test_local(void)
{
	struct reference r = {0};
	struct err e;

	ok(reference_parse_local("app", &r, &e) == 0 && strcmp(r.domain, "localhost") == 0 &&
	       strcmp(r.path, "app") == 0,
	   "a name given here is localhost/NAME");
	reference_free(&r);
	ok(reference_parse_local("docker.io/app", &r, &e) == 0 &&
	       strcmp(r.path, "library/app") == 0,
	   "a domain is kept");
	reference_free(&r);
	ok(reference_is_short("user/app") && !reference_is_short("localhost/app") &&
	       !reference_is_short("h:1/a"),
	   "short names");
}

static void test_ids(void)
{
	ok(reference_is_id("a") && reference_is_id(HEX64), "1 to 64 hex digits");
	ok(!reference_is_id("") && !reference_is_id(HEX64 "0") && !reference_is_id("A") &&
	       !reference_is_id("xyz"),
	   "other text is no id");
	ok(reference_is_digest("sha256:" HEX64) && !reference_is_digest(HEX64) &&
	       !reference_is_digest("sha256:" HEX64 "0"),
	   "digests");
}

int main(void)
{
	test_rows();
	test_length();
	test_local();
	test_ids();
	return tap_end();
}
