/* SPDX-License-Identifier: Apache-2.0 */
/* Columns and the wording of time spans. */
#include "cmd/table.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "tests/unit/tap.h"

static const struct {
	int64_t seconds;
	const char *text;
} spans[] = {
    {-5, "Less than a second"},
    {0, "Less than a second"},
    {1, "1 second"},
    {59, "59 seconds"},
    {60, "About a minute"},
    {119, "About a minute"},
    {120, "2 minutes"},
    {3599, "59 minutes"},
    {3600, "About an hour"},
    {7200, "2 hours"},
    {172799, "47 hours"},
    {172800, "2 days"},
    {14 * 86400 - 1, "13 days"},
    {14 * 86400, "2 weeks"},
    {59 * 86400, "8 weeks"},
    {60 * 86400, "2 months"},
    {729 * 86400, "24 months"},
    {730 * 86400, "2 years"},
    {INT64_C(40) * 31536000, "40 years"},
};

int main(void)
{
	auto_table struct table t = {.columns = 2};
	auto_str struct str text = {0};

	for (size_t i = 0; i < array_len(spans); i++) {
		auto_free char *span = table_span(spans[i].seconds);

		ok(strcmp(span, spans[i].text) == 0, "%lld s: %s", (long long)spans[i].seconds,
		   span);
	}
	table_format(&t, &text);
	ok(strcmp(str_get(&text), "") == 0, "an empty table is empty");
	table_add(&t, "A");
	table_add(&t, "LAST");
	table_add(&t, "é\033[1m");
	table_add(&t, NULL);
	table_format(&t, &text);
	ok(strcmp(str_get(&text), "A          LAST\né\\x1b[1m   \n") == 0,
	   "columns, and nothing that a terminal obeys");
	return tap_end();
}
