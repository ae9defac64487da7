/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of strings, and environments among them. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "tests/unit/tap.h"

/* The list as one text; also checks that it is ended. */
static bool is(const struct strv *s, const char *wanted)
{
	auto_str struct str t = {0};

	for (size_t i = 0; i < s->n; i++)
		str_addf(&t, "%s%s", i ? "|" : "", s->v[i]);
	return strcmp(str_get(&t), wanted) == 0 && (!s->v || s->v[s->n] == NULL);
}

static void test_lists(void)
{
	auto_strv struct strv s = {0}, copy = {0};

	ok(strv_list(&s) && strv_list(&s)[0] == NULL, "an empty list is an empty argv, not NULL");
	strv_add(&s, "a");
	strv_addf(&s, "%s-%d", "b", 2);
	strv_take(&s, xstrdup("c"));
	ok(is(&s, "a|b-2|c") && strv_list(&s) == s.v, "add, addf, take");
	ok(strv_has(&s, "b-2") && !strv_has(&s, "b") && !strv_has(&s, ""), "has whole items only");
	strv_add(&copy, "0");
	strv_copy(&copy, &s);
	strv_free(&s);
	ok(is(&copy, "0|a|b-2|c"), "a copy appends and owns its items");
	ok(s.v == NULL && s.n == 0, "free leaves an empty list");
}

static const struct {
	const char *text, *separators, *pieces;
} splits[] = {
    {"a b", " ", "a|b"},
    {"  a \t b ", " \t", "a|b"},
    {"", ",", ""},
    {",,", ",", ""},
    {"a", ",", "a"},
    {"a,,b,", ",", "a|b"},
    {"a=b:c", "=:", "a|b|c"},
};

static void test_split(void)
{
	for (size_t i = 0; i < array_len(splits); i++) {
		auto_strv struct strv s = {0};

		strv_split(&s, splits[i].text, splits[i].separators);
		ok(is(&s, splits[i].pieces), "\"%s\" in pieces", splits[i].pieces);
	}
}

static void test_environment(void)
{
	auto_strv struct strv s = {0};

	strv_env_set(&s, "A=1");
	strv_env_set(&s, "AB=2");
	strv_env_set(&s, "C=");
	strv_env_set(&s, "A=x=y");
	ok(is(&s, "A=x=y|AB=2|C="), "set replaces in place, and only the same name");
	ok(strcmp(strv_env_get(&s, "A"), "x=y") == 0 && strcmp(strv_env_get(&s, "C"), "") == 0 &&
	       !strv_env_get(&s, "B") && !strv_env_get(&s, ""),
	   "get");
	strv_env_unset(&s, "A");
	strv_env_unset(&s, "nothing");
	ok(is(&s, "AB=2|C="), "unset");
	strv_env_unset(&s, "C");
	ok(is(&s, "AB=2"), "unset the last");
	strv_env_unset(&s, "AB");
	ok(is(&s, ""), "unset the only one");
}

int main(void)
{
	test_lists();
	test_split();
	test_environment();
	return tap_end();
}
