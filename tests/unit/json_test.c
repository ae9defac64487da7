/* SPDX-License-Identifier: Apache-2.0 */
/* Strict JSON: where it is wrong, and of which type a member is not. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "tests/unit/tap.h"

static const struct {
	const char *text, *wanted; /* part of the error; NULL: good */
} parses[] = {
    {"{}", NULL},
    {"[1]", NULL},
    {" \n{\"a\":1}\t\r\n ", NULL},
    {"\"s\"", NULL},
    {"", "in:1:1: not valid JSON: it ends too early"},
    {"   ", "it ends too early"},
    {"{\"a\":", "in:1:6: not valid JSON: it ends too early"},
    {"{\"a\":1}x", "in:1:8: not valid JSON: something follows the value"},
    {"{}{}", "in:1:3: not valid JSON: something follows"},
    {"{\n  \"a\": nope\n}", "in:2:9: not valid JSON"},
    {"['a']", "not valid JSON"},
    {"{\"a\":1,}", "not valid JSON"},
    {"[1,]", "not valid JSON"},
    {"{\"a\":01}", "not valid JSON"},
    {"// remark\n{}", "not valid JSON"},
    {"null ", "not valid JSON: null"},
};

static void test_parse(void)
{
	for (size_t i = 0; i < array_len(parses); i++) {
		auto_json struct json_object *j = NULL;
		struct err e = {0};
		int rc = json_parse(parses[i].text, strlen(parses[i].text), "in", &j, &e);

		if (parses[i].wanted)
			ok(rc == -1 && !j && strstr(e.what, parses[i].wanted), "text %zu: %s", i,
			   e.what);
		else
			ok(rc == 0 && j, "text %zu is good: %s", i, e.what);
	}
}

static void test_depth(void)
{
	char text[200];
	auto_json struct json_object *j = NULL;
	struct err e = {0};

	for (int depth = 63; depth <= 65; depth++) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		ok((json_parse(text, (size_t)depth * 2, "in", &j, &e) == 0) == (depth < 65),
		   "%d arrays in each other", depth);
		json_put(&j);
	}
}

static bool parses_many(const char *item, size_t n)
{
	auto_json struct json_object *j = NULL;
	auto_str struct str text = {0};
	struct err e = {0};

	str_add(&text, "[");
	for (size_t i = 0; i < n; i++)
		str_addf(&text, "%s%s", i ? "," : "", item);
	str_add(&text, "]");
	return json_parse(str_get(&text), text.len, "in", &j, &e) == 0 ||
	       !strstr(e.what, "in: too large for JSON");
}

static void test_memory(void)
{
	ok(parses_many("{}", 100000), "100,000 objects fit");
	ok(!parses_many("{}", 200000), "200,000 objects are too much memory for 600 KB of text");
	ok(!parses_many("[]", 400000), "400,000 arrays are too much");
	ok(!parses_many("0", 1000000), "a million numbers are too much");
	ok(parses_many("\"\\\"{{{{{{{{{{{{{{{{{{{{\"", 100000),
	   "brackets in strings weigh nothing");
}

static const char sample[] =
    "{\"s\":\"text\",\"n\":\"a\\u0000b\",\"i\":42,\"b\":true,\"o\":{\"x\":1},"
    "\"a\":[\"p\",\"q\"],\"mixed\":[\"p\",1],\"nul\":[\"a\\u0000b\"],"
    "\"null\":null,\"d\":1.5}";

static void test_members(struct json_object *j)
{
	struct json_object *o = NULL, *kept = j;
	auto_strv struct strv list = {0};
	const char *s = "before";
	struct err e = {0};
	bool b = false;
	int64_t i = 7;

	ok(json_get_str(j, "s", &s, &e) == 0 && strcmp(s, "text") == 0, "string");
	ok(json_get_i64(j, "i", &i, &e) == 0 && i == 42, "integer");
	ok(json_get_bool(j, "b", &b, &e) == 0 && b, "boolean");
	ok(json_get_object(j, "o", &o, &e) == 0 && json_get_i64(o, "x", &i, &e) == 0 && i == 1,
	   "object");
	ok(json_get_array(j, "a", &o, &e) == 0 && json_object_array_length(o) == 2, "array");
	ok(json_get_strv(j, "a", &list, &e) == 0 && json_get_strv(j, "a", &list, &e) == 0 &&
	       list.n == 4 && strcmp(list.v[3], "q") == 0,
	   "a list of strings is appended");
	s = "before";
	i = 7;
	ok(json_get_str(j, "none", &s, &e) == 0 && json_get_str(j, "null", &s, &e) == 0 &&
	       strcmp(s, "before") == 0 && json_get_i64(j, "none", &i, &e) == 0 && i == 7 &&
	       json_get_bool(j, "none", &b, &e) == 0 && b &&
	       json_get_object(j, "none", &kept, &e) == 0 && kept == j &&
	       json_get_strv(j, "none", &list, &e) == 0 && list.n == 4,
	   "what is missing or null changes nothing");
	ok(json_get_str(j, "i", &s, &e) == -1 && strstr(e.what, "\"i\" is a int, not a string"),
	   "%s", e.what);
	ok(json_get_str(j, "n", &s, &e) == -1 && strstr(e.what, "NUL"), "%s", e.what);
	ok(json_get_i64(j, "s", &i, &e) == -1 && strstr(e.what, "\"s\""), "%s", e.what);
	ok(json_get_i64(j, "d", &i, &e) == -1 && strstr(e.what, "\"d\""), "%s", e.what);
	ok(json_get_bool(j, "i", &b, &e) == -1, "%s", e.what);
	ok(json_get_object(j, "a", &o, &e) == -1, "%s", e.what);
	ok(json_get_array(j, "o", &o, &e) == -1, "%s", e.what);
	ok(json_get_strv(j, "mixed", &list, &e) == -1 && strstr(e.what, "\"mixed\"[1]"), "%s",
	   e.what);
	ok(json_get_strv(j, "nul", &list, &e) == -1 && strstr(e.what, "\"nul\"[0]"), "%s", e.what);
	ok(json_get_str(o, "x", &s, &e) == -1 && strstr(e.what, "an object was expected"), "%s",
	   e.what);
	ok(strcmp(s, "before") == 0 && i == 7, "an error changes nothing either");
}

static void test_build(void)
{
	auto_json struct json_object *j = json_object_new_object();
	auto_strv struct strv list = {0};

	strv_add(&list, "a/b");
	json_add_str(j, "s", "v");
	json_add_str(j, "left out", NULL);
	json_add_i64(j, "i", INT64_MIN);
	json_add_bool(j, "b", false);
	json_add_strv(j, "l", &list);
	json_add_bool(json_add_object(j, "o"), "x", true);
	(void)json_add_array(j, "e");
	ok(strcmp(json_object_to_json_string_ext(j, JSON_C_TO_STRING_PLAIN |
							JSON_C_TO_STRING_NOSLASHESCAPE),
		  "{\"s\":\"v\",\"i\":-9223372036854775808,\"b\":false,\"l\":[\"a/b\"],"
		  "\"o\":{\"x\":true},\"e\":[]}") == 0,
	   "built in order, NULL left out");
}

int main(void)
{
	auto_json struct json_object *j = NULL;
	struct err e = {0};

	test_parse();
	test_depth();
	test_memory();
	if (json_parse(sample, sizeof(sample) - 1, "sample", &j, &e) < 0) {
		ok(false, "%s", e.what);
		return tap_end();
	}
	test_members(j);
	test_build();
	return tap_end();
}
