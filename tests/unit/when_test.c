/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as people type them. */
#include "cmd/when.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/unit/tap.h"

#include <time.h>

#define S INT64_C(1000000000)

int main(void)
{
	static const int64_t now = 1767225600 * S;
	static const struct {
		const char *text;
		int64_t ns; /* -1: refused */
	} times[] = {
	    {"10m", now - 600 * S},
	    {"1h30m", now - 5400 * S},
	    {"1.5h", now - 5400 * S},
	    {"300ms", now - 300000000},
	    {"2us3ns", now - 2003},
	    {"1000000h", 0}, /* before 1970 */
	    {"0", 0},
	    {"1767225600", now},
	    {"1767225600.25", now + S / 4},
	    {"2026-01-01T00:00:00Z", now},
	    {"2026-01-01T01:00:00+01:00", now},
	    {"2026-01-01T01:00:00", now}, /* the zone below */
	    {"2026-01-01 01:00:00.5", now + S / 2},
	    {"2026-01-01", now - 3600 * S},
	    {"2026-07-01", 1782856800 * S}, /* summer time */
	    {"", -1},
	    {"10", 10 * S},
	    {"10x", -1},
	    {"m", -1},
	    {".h", -1},
	    {"10m ", -1},
	    {"-10m", -1},
	    {"99999999999999h", -1},
	    {"99999999999999999999", -1},
	    {"2026-01", -1},
	    {"yesterday", -1},
	};
	struct err e = {0};

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (size_t i = 0; i < array_len(times); i++) {
		int64_t ns = -1;
		int rc = when_parse(times[i].text, now, &ns, &e);

		ok(times[i].ns < 0 ? rc == -1 && e.hint[0] : rc == 0 && ns == times[i].ns,
		   "\"%s\": %lld", times[i].text, (long long)ns);
	}
	return tap_end();
}
