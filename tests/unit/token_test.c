/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of token servers and of registries that refuse. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/token.h"
#include "tests/unit/tap.h"

static void good(const char *text, const char *wanted, uint64_t life)
{
	struct token t = {0};
	struct err e = {0};

	ok(token_parse(text, strlen(text), &t, &e) == 0 && strcmp(t.text, wanted) == 0 &&
	       t.life == life,
	   "%s", text);
	token_free(&t);
}

static void bad(const char *text, const char *why)
{
	struct token t = {0};
	struct err e = {0};

	ok(token_parse(text, strlen(text), &t, &e) < 0 && strstr(e.what, why) && !t.text,
	   "%.50s: %s", text, why);
}

static void says(const char *text, const char *wanted)
{
	auto_str struct str got = {0};

	registry_error_text(text, strlen(text), &got);
	ok(strcmp(str_get(&got), wanted) == 0, "%.50s", text);
}

int main(void)
{
	auto_free char *big = NULL, *long_message = NULL;
	auto_str struct str got = {0};

	good("{\"token\":\"abc.def\",\"expires_in\":300}", "abc.def", 300);
	good("{\"access_token\":\"abc\"}", "abc", 60);
	good("{\"token\":\"\",\"access_token\":\"abc\",\"expires_in\":-5}", "abc", 60);
	good("{\"token\":\"a\",\"access_token\":\"b\",\"expires_in\":1}", "a", 60);
	bad("", "ends too early");
	bad("<html>", "not valid JSON");
	bad("[]", "its answer");
	bad("{}", "holds no token");
	bad("{\"token\":5}", "token");
	bad("{\"token\":null}", "holds no token");
	bad("{\"token\":\"a\\r\\nEvil: 1\"}", "cannot be sent");
	bad("{\"token\":\"a b\"}", "cannot be sent");
	bad("{\"token\":\"\\u00e9\"}", "cannot be sent");
	bad("{\"token\":\"a\",\"expires_in\":\"soon\"}", "expires_in");
	if (asprintf(&big, "{\"token\":\"%0*d\"}", TOKEN_MAX + 1, 0) < 0)
		abort();
	bad(big, "cannot be sent");

	says("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}",
	     "MANIFEST_UNKNOWN: manifest unknown");
	says("{\"errors\":[{\"message\":\"a\\u001b[2J\"}]}", "a\\x1b[2J");
	says("{\"errors\":[]}", "");
	says("{\"errors\":[5]}", "");
	says("{\"errors\":{}}", "");
	says("404 page not found", "");
	says("", "");
	if (asprintf(&long_message, "{\"errors\":[{\"message\":\"%0*d\"}]}", 1000, 0) < 0)
		abort();
	registry_error_text(long_message, strlen(long_message), &got);
	ok(got.len == 200, "a long message is cut");
	return tap_end();
}
