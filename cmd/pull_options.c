/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of what is asked about registries. */
#include "cmd/pull_options.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/platform.h"
#include "storage/short_name.h"

enum { NUMBER_MAX = 3600 };

int pull_set_platform(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct platform p;

	return platform_parse(value, &p, e) < 0 ? -1 : option_set_text(row, to, value, e);
}

static void set_int(const struct option_row *row, void *to, int64_t value)
{
	int v = (int)value;

	memcpy((char *)to + row->at, &v, sizeof(v));
}

int pull_set_number(const struct option_row *row, void *to, const char *value, struct err *e)
{
	int64_t n, least = strcmp(row->name, "retry") == 0 ? 0 : 1;

	if (!str_to_i64(value, least, least ? NUMBER_MAX : 100, &n)) {
		err_msg(e, "not a number");
		return err_hint(e, "write one from %lld to %d", (long long)least,
				least ? NUMBER_MAX : 100);
	}
	set_int(row, to, n);
	return 0;
}

/* Seconds, or as Go writes a time: "2s", "1m". */
int pull_set_delay(const struct option_row *row, void *to, const char *value, struct err *e)
{
	auto_str struct str number = {0};
	const size_t digits = strspn(value, "0123456789");
	const char *unit = value + digits;
	int64_t n, times = strcmp(unit, "m") == 0 ? 60 : 1;

	str_addn(&number, value, digits);
	if ((*unit && strcmp(unit, "s") != 0 && strcmp(unit, "m") != 0) ||
	    !str_to_i64(str_get(&number), 0, NUMBER_MAX / times, &n)) {
		err_msg(e, "not a time");
		return err_hint(e, "write seconds or minutes, up to an hour: 2s, 1m");
	}
	set_int(row, to, n * times);
	return 0;
}

int pull_set_alias(const struct option_row *row, void *to, const char *value, struct err *e)
{
	return short_name_check_alias(value, e) < 0 ? -1 : option_set_list(row, to, value, e);
}

int pull_set_host(const struct option_row *row, void *to, const char *value, struct err *e)
{
	return short_name_check_host(value, e) < 0 ? -1 : option_set_list(row, to, value, e);
}
