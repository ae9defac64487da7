/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/subuid as text, and who is asked for it. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/subid.h"
#include "tests/unit/tap.h"

enum { ROOM = 3 };

static const struct {
	const char *text;
	int n; /* spans of "ann" or 1000; -1: an error */
	struct subid_span spans[ROOM];
	const char *error;
} texts[] = {
    {"", 0, {{0}}, NULL},
    {"ann:100000:65536\n", 1, {{100000, 65536}}, NULL},
    {"ann:100000:65536", 1, {{100000, 65536}}, NULL},
    {"1000:7:8\nann:1:2\n", 2, {{7, 8}, {1, 2}}, NULL},
    {"anna:1:2\nan:3:4\nAnn:5:6\nann:7:8\n", 1, {{7, 8}}, NULL},
    {"10001:1:2\n100:3:4\n", 0, {{0}}, NULL},
    {"\n# ann:1:2\n\nann:3:4\n\n", 1, {{3, 4}}, NULL},
    {"ann:1:0\nann:3:4\n", 1, {{3, 4}}, NULL},
    {"ann:1:1\nann:2:1\nann:3:1\nann:4:1\n", 3, {{1, 1}, {2, 1}, {3, 1}}, NULL},
    {"ann:4294967294:1\n", 1, {{4294967294U, 1}}, NULL},
    {"bob:1:x\nann:1:2\n", 1, {{1, 2}}, NULL},
    {"bob:1:2\nann\n", -1, {{0}}, "f:2: not of the form"},
    {"bob\n", -1, {{0}}, "f:1: not of the form"},
    {"ann:1\n", -1, {{0}}, "f:1: not of the form"},
    {"ann:0:5\n", -1, {{0}}, "f:1: ids 0:5"}, /* would map the host's root */
    {"ann:1:2:3\n", -1, {{0}}, "f:1: ids 1:2:3"},
    {"ann::5\n", -1, {{0}}, "f:1: ids"},
    {"ann:5:\n", -1, {{0}}, "f:1: ids"},
    {"ann:-1:5\n", -1, {{0}}, "f:1: ids"},
    {"ann:1:-5\n", -1, {{0}}, "f:1: ids"},
    {"ann: 1:5\n", -1, {{0}}, "f:1: ids"},
    {"ann:4294967295:1\n", -1, {{0}}, "f:1: ids"}, /* (uid_t)-1 is no id */
    {"ann:4294967294:2\n", -1, {{0}}, "f:1: ids"}, /* wraps around to 0 */
    {"ann:1:99999999999999999999\n", -1, {{0}}, "f:1: ids"},
    {"ann:1:5\r\n", -1, {{0}}, "f:1: ids"},
};

static void test_parse(void)
{
	for (size_t i = 0; i < array_len(texts); i++) {
		struct subid_span got[ROOM] = {0};
		struct err e = {0};
		int n = subid_parse(texts[i].text, "f", "ann", 1000, got, ROOM, &e);

		if (texts[i].error)
			ok(n == -1 && strstr(e.what, texts[i].error) && strstr(e.hint, "subuid(5)"),
			   "text %zu is refused with file and line", i);
		else
			ok(n == texts[i].n && memcmp(got, texts[i].spans, sizeof(got)) == 0,
			   "text %zu has %d spans: %s", i, texts[i].n, e.what);
	}
}

static const struct {
	const char *text;
	bool library;
} switches[] = {
    {"", false},
    {"passwd: files\n", false},
    {"subid: files\n", false},
    {"subid:\tfiles sss\n", false},
    {"subid:\n", false},
    {"#subid: sss\n", false},
    {" subid: sss\n", false},
    {"passwd: sss\nsubid: sss\n", true},
    {"subid:sss", true},
    {"subid: sss\nsubid: files\n", true},
};

static void test_switch(void)
{
	for (size_t i = 0; i < array_len(switches); i++)
		ok(subid_wants_library(switches[i].text) == switches[i].library,
		   "nsswitch.conf %zu %s the library", i,
		   switches[i].library ? "wants" : "does not want");
}

int main(void)
{
	test_parse();
	test_switch();
	return tap_end();
}
