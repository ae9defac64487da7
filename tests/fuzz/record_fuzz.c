/* SPDX-License-Identifier: Apache-2.0 */
/* record_parse, record_state_parse and record_check_name; what is accepted survives a round trip.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/state/record_text.h"
#include "tests/fuzz/fuzz.h"

static void check_record(const char *text, size_t n)
{
	struct record r = {0}, again = {0};
	auto_free char *first = NULL, *second = NULL;
	struct err e = {0};

	if (record_parse(text, n, "record.json", &r, &e) < 0) {
		if (!e.what[0])
			abort();
		return;
	}
	first = record_format(&r);
	if (!record_id_is_valid(r.id) || record_check_name(r.name, &e) < 0 ||
	    record_parse(first, strlen(first), "again", &again, &e) < 0)
		abort();
	second = record_format(&again);
	if (strcmp(first, second) != 0)
		abort();
	record_free(&r);
	record_free(&again);
}

static void check_state(const char *text, size_t n)
{
	struct record_state s = {0}, again = {0};
	auto_free char *out = NULL;
	struct err e = {0};

	if (record_state_parse(text, n, "state.json", &s, &e) < 0) {
		if (!e.what[0])
			abort();
		return;
	}
	out = record_state_format(&s);
	if (record_state_parse(out, strlen(out), "again", &again, &e) < 0 || again.pid != s.pid ||
	    strcmp(again.cgroup, s.cgroup) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	struct err e;

	check_record((const char *)data, size);
	check_state((const char *)data, size);
	(void)record_is_newer((const char *)data, size);
	if (record_check_name(text, &e) == 0 && strpbrk(text, "/ \n\x1b"))
		abort();
	return 0;
}
