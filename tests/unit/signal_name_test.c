/* SPDX-License-Identifier: Apache-2.0 */
/* Signals by name and number. */
#include "lib/base/auto.h"
#include "lib/kernel/signal_name.h"
#include "tests/unit/tap.h"

#include <signal.h>

static void test_names(void)
{
	const struct {
		const char *name;
		int number;
	} cases[] = {
	    {"TERM", SIGTERM},
	    {"SIGTERM", SIGTERM},
	    {"sigterm", SIGTERM},
	    {"Kill", SIGKILL},
	    {"15", 15},
	    {"1", 1},
	    {"64", 64},
	    {"USR1", SIGUSR1},
	    {"WINCH", SIGWINCH},
	    {"CLD", SIGCHLD},
	    {"IO", SIGIO},
	    {"IOT", SIGABRT},
	    {"RTMIN", SIGRTMIN},
	    {"SIGRTMIN+3", SIGRTMIN + 3},
	    {"rtmin+0", SIGRTMIN},
	    {"RTMAX", SIGRTMAX},
	    {"rtmax-1", SIGRTMAX - 1},
	    {"RTMIN+30", SIGRTMAX},
	    {"RTMIN+31", -1},
	    {"RTMAX-31", -1},
	    {"RTMIN-1", -1},
	    {"RTMAX+1", -1},
	    {"RTMIN+", -1},
	    {"RTMIN+x", -1},
	    {"RTMIN3", -1},
	    {"0", -1},
	    {"65", -1},
	    {"-1", -1},
	    {"", -1},
	    {"SIG", -1},
	    {"SIGSIGTERM", -1},
	    {"TERM ", -1},
	    {"TERMX", -1},
	    {"15x", -1},
	    {"NOTHING", -1},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		ok(signal_number(cases[i].name) == cases[i].number, "\"%s\" is %d: %d",
		   cases[i].name, cases[i].number, signal_number(cases[i].name));
}

int main(void)
{
	test_names();
	return tap_end();
}
