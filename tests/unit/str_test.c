/* SPDX-License-Identifier: Apache-2.0 */
/* Growing strings, what they make visible, and numbers read out of text. */
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "tests/unit/tap.h"

static void test_growing(void)
{
	auto_str struct str t = {0};
	char *taken;

	ok(strcmp(str_get(&t), "") == 0, "empty is \"\"");
	taken = str_take(&t);
	ok(strcmp(taken, "") == 0, "taking nothing gives \"\"");
	free(taken);
	for (int i = 0; i < 1000; i++)
		str_addf(&t, "%d,", i % 10);
	ok(t.len == 2000 && strlen(t.s) == 2000 && strcmp(t.s + 1994, "7,8,9,") == 0,
	   "2000 bytes in pieces");
	str_addn(&t, "a\0b", 3);
	ok(t.len == 2003 && memcmp(t.s + 2000, "a\0b", 4) == 0, "NUL bytes count, and one ends it");
	taken = str_take(&t);
	ok(t.s == NULL && t.len == 0 && t.room == 0, "taken: nothing left behind");
	free(taken);
	str_addn(&t, NULL, 0);
	ok(t.s && t.s[0] == '\0', "adding nothing gives an ended string");
}

static const struct {
	const char *raw, *shown;
} visible[] = {
    {"plain ~", "plain ~"},
    {"\033[31m", "\\x1b[31m"},
    {"a\nb\tc\r", "a\\x0ab\\tc\\x0d"},
    {"\x01\x1f\x7f", "\\x01\\x1f\\x7f"},
    {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x8b", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\x8b"},
    {"\xc2\x9b"
     "31m",
     "\\xc2\\x9b31m"},	      /* C1: CSI in UTF-8 */
    {"\x9b", "\\x9b"},	      /* and as one byte */
    {"\xc2\xa0", "\xc2\xa0"}, /* the first that is no C1 */
    {"a\xe2\x80\xae"
     "b",
     "a\\xe2\\x80\\xaeb"}, /* what follows would be shown backwards */
    {"\xe2\x81\xa9\xd8\x9c", "\\xe2\\x81\\xa9\\xd8\\x9c"},
    {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},	      /* a line's end */
    {"\xe2\x80\xb0\xd8\x9b", "\xe2\x80\xb0\xd8\x9b"}, /* their neighbours */
    {"\xc1\xbf", "\\xc1\\xbf"},			      /* overlong forms */
    {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"},
    {"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},	  /* a surrogate */
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},	  /* its last one */
    {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
    {"\xe2\x82", "\\xe2\\x82"}, /* cut short: nothing behind the end is read */
    {"\xf0\x9f\x90", "\\xf0\\x9f\\x90"},
    {"\xc3", "\\xc3"},
    {"\xc3\xc3\xa4", "\\xc3\xc3\xa4"},
    {"\xe2\x28\xa1", "\\xe2(\\xa1"},
    {"\xf0\x9f\x28\x8b", "\\xf0\\x9f(\\x8b"},
};

static void test_visible(void)
{
	for (size_t i = 0; i < array_len(visible); i++) {
		auto_str struct str t = {0};
		size_t n = strlen(visible[i].raw);
		/* Exactly as large as it must be: ASan sees a byte too many. */
		auto_free char *exact = malloc(n + 1);

		memcpy(exact, visible[i].raw, n + 1);
		str_add_visible(&t, exact);
		ok(strcmp(str_get(&t), visible[i].shown) == 0, "visible text %zu", i);
	}
}

static const struct {
	const char *text;
	int64_t min, max;
	bool good;
	int64_t value;
} numbers[] = {
    {"0", 0, 9, true, 0},
    {"9", 0, 9, true, 9},
    {"10", 0, 9, false, 0},
    {"-1", 0, 9, false, 0},
    {"-1", -1, 9, true, -1},
    {"007", 0, 9, true, 7},
    {"9223372036854775807", 0, INT64_MAX, true, INT64_MAX},
    {"9223372036854775808", 0, INT64_MAX, false, 0},
    {"-9223372036854775808", INT64_MIN, 0, true, INT64_MIN},
    {"-9223372036854775809", INT64_MIN, 0, false, 0},
    {"", 0, 9, false, 0},
    {"-", -9, 9, false, 0},
    {"--1", -9, 9, false, 0},
    {"+1", 0, 9, false, 0},
    {" 1", 0, 9, false, 0},
    {"1 ", 0, 9, false, 0},
    {"1\n", 0, 9, false, 0},
    {"0x1", 0, 9, false, 0},
    {"1e1", 0, 99, false, 0},
};

static void test_numbers(void)
{
	for (size_t i = 0; i < array_len(numbers); i++) {
		int64_t got = 77;
		bool good = str_to_i64(numbers[i].text, numbers[i].min, numbers[i].max, &got);

		ok(good == numbers[i].good && got == (good ? numbers[i].value : 77),
		   "number \"%.20s\" is %s", numbers[i].text[0] == '1' ? "1…" : numbers[i].text,
		   good ? "good" : "refused");
	}
}

static const struct {
	const char *text;
	int64_t bytes; /* -1: refused */
} sizes[] = {
    {"0", 0},
    {"512", 512},
    {"512b", 512},
    {"1k", 1024},
    {"1K", 1024},
    {"64kb", 65536},
    {"64KiB", 65536},
    {"10mb", 10 << 20},
    {"2GiB", INT64_C(2) << 30},
    {"1.5g", INT64_C(3) << 29},
    {"0.5k", 512},
    {"1.", 1},
    {"1t", INT64_C(1) << 40},
    {"1p", INT64_C(1) << 50},
    {"8000p", INT64_C(8000) << 50},
    {"9000p", -1},
    {"99999999999999999999999999", -1},
    {"", -1},
    {"k", -1},
    {".5k", -1},
    {"-1", -1},
    {"+1", -1},
    {" 1", -1},
    {"1 k", -1},
    {"1k ", -1},
    {"1kk", -1},
    {"1bb", -1},
    {"1ki", -1},
    {"1x", -1},
    {"1.2.3", -1},
    {"1e3", -1},
    {"0x10", -1},
    {"inf", -1},
    {"nan", -1},
};

static void test_sizes(void)
{
	for (size_t i = 0; i < array_len(sizes); i++) {
		int64_t got = -1;
		bool good = str_to_bytes(sizes[i].text, &got);

		ok(good == (sizes[i].bytes >= 0) && got == sizes[i].bytes, "size \"%s\": %lld",
		   sizes[i].text, (long long)got);
	}
}

static const struct {
	uint64_t bytes;
	const char *text;
} human[] = {
    {0, "0 B"},
    {999, "999 B"},
    {1000, "1 kB"},
    {1536, "1.54 kB"},
    {999499, "999 kB"},
    {999500, "1 MB"},
    {12345678, "12.3 MB"},
    {5000000000, "5 GB"},
    {1234567890123, "1.23 TB"},
    {UINT64_MAX, "18.4 EB"},
    {999999999999999, "1 PB"},
};

static void test_human(void)
{
	char buf[16];

	for (size_t i = 0; i < array_len(human); i++)
		ok(strcmp(str_human_bytes(buf, sizeof(buf), human[i].bytes), human[i].text) == 0,
		   "%s: %s", human[i].text, buf);
}

static const struct {
	const char *a, *b;
	size_t distance;
} distances[] = {
    {"", "", 0},
    {"", "abc", 3},
    {"abc", "", 3},
    {"same", "same", 0},
    {"ab", "ba", 1},
    {"abcd", "acbd", 1},
    {"abcdef", "badcfe", 3},
    {"kitten", "sitting", 3},
    {"memory", "memroy", 1},
    {"run", "rnu", 1},
    {"ca", "abc", 3},
    {"a", "b", 1},
    {"imagse", "images", 1},
    {"flaw", "lawn", 2},
    {"x", "xyz", 2},
    {"abc", "c", 2},
};

static void test_distance(void)
{
	static const char long_word[] =
	    "0123456789012345678901234567890123456789012345678901234567890123456789";
	char full[65] = {0};

	for (size_t i = 0; i < array_len(distances); i++)
		ok(str_distance(distances[i].a, distances[i].b) == distances[i].distance,
		   "\"%s\" to \"%s\": %zu", distances[i].a, distances[i].b,
		   str_distance(distances[i].a, distances[i].b));
	memset(full, 'a', 64);
	ok(str_distance(full, "") == 64 && str_distance(full, full) == 0, "words of 64 letters");
	ok(str_distance(long_word, "0123") == 70 && str_distance("0123", long_word) == 70,
	   "a word too long to compare is as far as it is long");
}

static void test_ends(void)
{
	ok(str_starts("abc", "ab") && str_starts("abc", "") && !str_starts("ab", "abc") &&
	       !str_starts("xab", "ab"),
	   "starts");
	ok(str_ends("abc", "bc") && str_ends("abc", "") && !str_ends("bc", "abc") &&
	       !str_ends("abcx", "bc"),
	   "ends");
}

int main(void)
{
	test_growing();
	test_visible();
	test_numbers();
	test_sizes();
	test_human();
	test_distance();
	test_ends();
	return tap_end();
}
