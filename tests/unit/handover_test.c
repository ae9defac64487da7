/* SPDX-License-Identifier: Apache-2.0 */
/* What rlc-monitor takes as its arguments. */
#include "cmd/launch/handover.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

static const char *const whole[] = {"rlc-monitor",
				    "pid=12",
				    "pty=-1",
				    "in=-1",
				    "out=5",
				    "err=6",
				    "log=7",
				    "stop-signal=15",
				    "rlc=8",
				    "id=ab",
				    "data=/d",
				    "run=/r=/x",
				    "helper=3:4:1:0:rlc-x:all is: lost"};
static char *argv[array_len(whole)];

static void copy_whole(void)
{
	for (size_t i = 0; i < array_len(whole); i++) {
		free(argv[i]);
		argv[i] = strdup(whole[i]);
	}
}

static bool refused(int argc, const char *why)
{
	struct handover h;
	struct err e = {0};

	return handover_parse(argc, argv, &h, &e) < 0 && strstr(e.what, why);
}

static bool refused_with(int at, const char *argument, const char *why)
{
	copy_whole();
	free(argv[at]);
	argv[at] = strdup(argument);
	return refused((int)array_len(whole), why);
}

static void test_refused(void)
{
	static const char hand[] = "not by hand", with[] = "not with";

	copy_whole();
	ok(refused(1, hand), "nothing");
	ok(refused_with(1, "pid=0", hand), "no process to watch");
	ok(refused_with(8, "rlc=-1", hand), "no program to end as");
	ok(refused_with(9, "out=5", hand), "no container");
	ok(refused_with(4, "out=5x", with), "no number");
	ok(refused_with(4, "out=99999999999", with), "a number too large");
	ok(refused_with(4, "outer=5", with), "an unknown key");
	ok(refused_with(4, "ou=5", with), "the beginning of a key");
	ok(refused_with(4, "=5", with), "no key");
	ok(refused_with(4, "--help", with), "no value");
	ok(refused_with(12, "helper=0:4:1:0:a:b", with), "a helper without a process");
	ok(refused_with(12, "helper=3:x:1:0:a:b", with), "a helper without a descriptor");
	ok(refused_with(12, "helper=3:4:1:0:a", with), "a helper that is for nothing");
}

int main(void)
{
	struct handover h;
	struct err e = {0};

	copy_whole();
	ok(handover_parse((int)array_len(whole), argv, &h, &e) == 0 && h.monitor.pid == 12 &&
	       h.monitor.pty == -1 && h.monitor.in == -1 && h.monitor.out == 5 &&
	       h.monitor.err == 6 && h.monitor.log_fd == 7 && h.monitor.stop_signal == 15 &&
	       h.rlc == 8 && strcmp(h.id, "ab") == 0 && strcmp(h.data, "/d") == 0 &&
	       strcmp(h.run, "/r=/x") == 0 && !h.monitor.attached,
	   "all that a monitor needs: %s", e.what);
	ok(h.monitor.n_helpers == 1 && h.monitor.helpers[0].pid == 3 &&
	       h.monitor.helpers[0].control == 4 && h.monitor.helpers[0].waited_for &&
	       strcmp(h.monitor.helpers[0].name, "rlc-x") == 0 &&
	       strcmp(h.monitor.helpers[0].lost, "all is: lost") == 0,
	   "and who serves the container");
	test_refused();
	return tap_end();
}
