/* SPDX-License-Identifier: Apache-2.0 */
/* Lays out lists for people, and for the scripts that cut podman's columns. */
#include "cmd/table.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/option.h"
#include "lib/base/str.h"

enum { GAP = 3 };

void table_add(struct table *t, const char *cell)
{
	struct str visible = {0};

	str_add_visible(&visible, cell ? cell : "");
	strv_take(&t->cells, str_take(&visible));
}

/* Columns a terminal needs for UTF-8 text of single-width characters. */
static size_t width_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

void table_format(const struct table *t, struct str *to)
{
	auto_free size_t *widths = xcalloc(t->columns, sizeof(*widths));

	for (size_t i = 0; i < t->cells.n; i++) {
		size_t n = width_of(t->cells.v[i]), *widest = &widths[i % t->columns];

		if (n > *widest)
			*widest = n;
	}
	for (size_t i = 0; i < t->cells.n; i++) {
		size_t column = i % t->columns;

		str_add(to, t->cells.v[i]);
		if (column + 1 == t->columns)
			str_add(to, "\n");
		else
			str_addf(to, "%*s", (int)(widths[column] - width_of(t->cells.v[i]) + GAP),
				 "");
	}
}

void table_print(const struct table *t)
{
	auto_str struct str text = {0};

	table_format(t, &text);
	fputs(str_get(&text), stdout);
}

void table_free(struct table *t)
{
	strv_free(&t->cells);
}

char *table_span(int64_t seconds)
{
	enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
	/* The units and the words are podman's (HumanDuration of go-units). */
	static const struct {
		int64_t unit, until;
		const char *one, *many;
	} spans[] = {
	    {1, MINUTE, "1 second", "seconds"},
	    {MINUTE, HOUR, "About a minute", "minutes"},
	    {HOUR, 48 * HOUR, "About an hour", "hours"},
	    {DAY, 14 * DAY, "1 day", "days"},
	    {7 * DAY, 60 * DAY, "1 week", "weeks"},
	    {30 * DAY, 730 * DAY, "1 month", "months"},
	    {365 * DAY, INT64_MAX, "1 year", "years"},
	};
	size_t i = 0;

	if (seconds < 1)
		return xstrdup("Less than a second");
	while (seconds >= spans[i].until)
		i++;
	if (seconds / spans[i].unit == 1)
		return xstrdup(spans[i].one);
	return xasprintf("%lld %s", (long long)(seconds / spans[i].unit), spans[i].many);
}

int table_set_format(const struct option_row *row, void *to, const char *value, struct err *e)
{
	bool *json = (bool *)((char *)to + row->at);

	*json = strcmp(value, "json") == 0;
	if (*json || strcmp(value, "table") == 0)
		return 0;
	err_msg(e, "no such format");
	return err_hint(e, "take --format json and cut what you need with jq(1)");
}
