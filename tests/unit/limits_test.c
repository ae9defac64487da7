/* SPDX-License-Identifier: Apache-2.0 */
/* Limits as they were asked for: joined, checked, written to JSON and read again. */
#include "lib/spec/limits.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "tests/unit/tap.h"

static const struct {
	const char *text;
	int count; /* -1: refused */
	int one;
} lists[] = {
    {"0", 1, 0},       {"0-3,5", 5, 5},	     {"5,0-3", 5, 2}, {"1-1", 1, 1},
    {"8191", 1, 8191}, {"0-8191", 8192, 64}, {"8192", -1, 0}, {"", -1, 0},
    {",", -1, 0},      {"1,", -1, 0},	     {",1", -1, 0},   {"3-1", -1, 0},
    {"1-", -1, 0},     {"-1", -1, 0},	     {"1--2", -1, 0}, {" 1", -1, 0},
    {"1 ", -1, 0},     {"+1", -1, 0},	     {"0x1", -1, 0},  {"1\n", -1, 0},
    {"0-1-2", -1, 0},  {"0,,1", -1, 0},	     {"a", -1, 0},    {"99999999999999999999", -1, 0},
};

static void test_cpus(void)
{
	struct limits_cpus a, b;

	for (size_t i = 0; i < array_len(lists); i++) {
		bool got = limits_parse_cpus(lists[i].text, &a);
		int n = 0;

		for (size_t w = 0; got && w < array_len(a.bits); w++)
			n += __builtin_popcountll(a.bits[w]);
		ok(got == (lists[i].count >= 0) &&
		       (!got || (n == lists[i].count &&
				 a.bits[lists[i].one / 64] >> lists[i].one % 64 & 1)),
		   "list \"%s\"", lists[i].text);
	}
	limits_parse_cpus("0-1,70", &a);
	limits_parse_cpus("0-80", &b);
	ok(limits_cpus_within(&a, &b) && !limits_cpus_within(&b, &a), "within another");
}

static void test_together(void)
{
	struct spec_limits l;
	struct err e = {0};

	limits_init(&l);
	ok(limits_check(&l, &e) == 0 && !limits_any(&l), "nothing asked");
	l.memory_swap = 100;
	ok(limits_check(&l, &e) < 0 && strstr(e.what, "without --memory"), "swap wants memory");
	l.memory = 101;
	ok(limits_check(&l, &e) < 0 && strstr(e.what, "less than --memory"), "and is not less");
	l.memory = 100;
	ok(limits_check(&l, &e) == 0, "the same: no swap");
	l.memory_reservation = 101;
	ok(limits_check(&l, &e) < 0 && strstr(e.what, "--memory-reservation"),
	   "no more can be kept than there is");
	l.memory = l.memory_swap = l.memory_reservation = 0;
	ok(limits_check(&l, &e) == 0 && !limits_any(&l), "unlimited is no limit");
	l.cpuset_mems = xstrdup("0");
	ok(limits_any(&l), "a text is one");
	limits_free(&l);
	ok(!l.cpuset_mems && l.pids == -1, "freed is empty");
}

static void test_merge(void)
{
	struct spec_limits l, changes;

	limits_init(&l);
	limits_init(&changes);
	l.memory = 100;
	l.memory_swap = 150;
	l.pids = 7;
	l.cpuset_cpus = xstrdup("0");
	strv_add(&l.conf, "memory.high=1");
	strv_add(&l.conf, "pids.max=9");
	changes.pids = 0;
	changes.cpuset_cpus = xstrdup("1");
	strv_add(&changes.conf, "memory.high=2");
	limits_merge(&l, &changes);
	ok(l.memory == 100 && l.memory_swap == 150 && l.pids == 0 &&
	       strcmp(l.cpuset_cpus, "1") == 0 && l.conf.n == 2 &&
	       strcmp(strv_env_get(&l.conf, "memory.high"), "2") == 0,
	   "what was asked for replaces what was");
	changes.memory = 200;
	limits_merge(&l, &changes);
	ok(l.memory == 200 && l.memory_swap == -1, "other memory brings its own swap");
	limits_free(&l);
	limits_free(&changes);
}

static char *oci_of(const struct spec_limits *l)
{
	auto_json struct json_object *o = json_object_new_object();

	limits_to_oci(l, o);
	return xstrdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
}

/* As the OCI runtime-spec has it, and back. */
static void test_oci(void)
{
	static const char wanted[] =
	    "{\"resources\":{\"memory\":{\"limit\":100,\"swap\":200,\"reservation\":50},"
	    "\"pids\":{\"limit\":7},\"cpu\":{\"quota\":5000,\"period\":100000,\"shares\":512,"
	    "\"cpus\":\"0-1\",\"mems\":\"0\"},\"blockIO\":{\"weight\":10},"
	    "\"unified\":{\"memory.high\":\"90\"}}}";
	auto_free char *text = NULL, *again = NULL;
	auto_json struct json_object *o = NULL;
	struct json_object *resources = NULL;
	struct spec_limits l, back;
	struct err e = {0};

	limits_init(&l);
	l.memory = 100;
	l.memory_reservation = 50;
	l.pids = 7;
	l.cpu_quota = 5000;
	l.cpu_shares = 512;
	l.blkio_weight = 10;
	l.cpuset_cpus = xstrdup("0-1");
	l.cpuset_mems = xstrdup("0");
	strv_add(&l.conf, "memory.high=90");
	text = oci_of(&l);
	ok(strcmp(text, wanted) == 0, "%s", text);
	ok(json_parse(text, strlen(text), "t", &o, &e) == 0 &&
	       json_get_object(o, "resources", &resources, &e) == 0 &&
	       limits_from_oci(resources, &back, &e) == 0,
	   "read again: %s", e.what);
	again = oci_of(&back);
	ok(strcmp(again, wanted) == 0, "and written the same");
	limits_free(&back);
	limits_free(&l);
	l.memory = 100;
	l.memory_swap = 0;
	free(text);
	text = oci_of(&l);
	ok(strstr(text, "\"swap\":-1"), "swap without limit: %s", text);
}

static void test_bad_oci(void)
{
	static const char *const bad[] = {
	    "{\"memory\":7}",
	    "{\"memory\":{\"limit\":\"7\"}}",
	    "{\"memory\":{\"limit\":-7}}",
	    "{\"cpu\":{\"period\":7}}",
	    "{\"cpu\":{\"period\":-1}}",
	    "{\"cpu\":{\"shares\":1}}",
	    "{\"cpu\":{\"cpus\":\"0;1\"}}",
	    "{\"cpu\":{\"mems\":7}}",
	    "{\"blockIO\":{\"weight\":5000}}",
	    "{\"unified\":{\"memory.high\":7}}",
	    "{\"unified\":{\"a=b\":\"7\"}}",
	    "{\"unified\":[]}",
	};

	for (size_t i = 0; i < array_len(bad); i++) {
		auto_json struct json_object *o = NULL;
		struct spec_limits l;
		struct err e = {0};

		ok(json_parse(bad[i], strlen(bad[i]), "t", &o, &e) == 0 &&
		       limits_from_oci(o, &l, &e) < 0,
		   "%s: %s", bad[i], e.what);
	}
}

int main(void)
{
	test_cpus();
	test_together();
	test_merge();
	test_oci();
	test_bad_oci();
	return tap_end();
}
