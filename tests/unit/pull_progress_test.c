/* SPDX-License-Identifier: Apache-2.0 */
/* The line of a layer, wide, narrow and with impossible numbers. */
#include "cmd/pull_progress.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "tests/unit/tap.h"

static struct progress p = {
    .layers = 1,
    .state = PROGRESS_FETCHING,
    .done = 21000000,
    .total = 63400000,
    .digest = "sha256:0123456789ab",
};

static void expect(int columns, const char *wanted)
{
	auto_str struct str line = {0};

	pull_progress_line(&p, 12300000, columns, false, &line);
	ok(strcmp(str_get(&line), wanted) == 0, "%d columns: \"%s\"", columns, str_get(&line));
	ok(line.len <= (size_t)columns, "not wider");
}

int main(void)
{
	auto_str struct str colored = {0};

	expect(80, "0123456789ab  [=========>                  ]   21 MB of 63.4 MB   12.3 MB/s");
	expect(200, "0123456789ab  [============>                         ]   21 MB of 63.4 MB   "
		    "12.3 MB/s");
	expect(60, "0123456789ab  [==>     ]   21 MB of 63.4 MB   12.3 MB/s");
	expect(40, "0123456789ab   33%   21 MB of 63.4 MB");
	expect(20, "0123456789ab   33%  ");
	expect(5, "01234");
	expect(0, "");
	p.state = PROGRESS_DONE;
	expect(80, "0123456789ab  done, 63.4 MB");
	p.state = PROGRESS_EXISTS;
	expect(80, "0123456789ab  is here");
	p.state = PROGRESS_WAITING;
	expect(80, "0123456789ab  waits");
	p.state = PROGRESS_FETCHING;
	p.done = p.total = 0;
	expect(40, "0123456789ab  100%     0 B of 0 B");
	p.done = p.total = UINT64_MAX;
	expect(80, "0123456789ab  [============================] 18.4 EB of 18.4 EB   12.3 MB/s");
	pull_progress_line(&p, 1, 80, true, &colored);
	ok(strstr(str_get(&colored), "\033[32m") && strstr(str_get(&colored), "\033[0m"),
	   "a bar may be green");
	return tap_end();
}
