/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rlc-monitor: the parent of a detached container, as long as that runs (libc only, static). It
 * holds the container's lock, keeps its log, passes signals on and reaps. Started by rlc, as which
 * it ends: see cmd/launch/handover.h.
 */
#include "cmd/launch/handover.h"
#include "lib/base/err.h"
#include "lib/kernel/shed.h"

#include <signal.h>
#include <sys/prctl.h>

static void helper_lost(void *arg, const struct err *e)
{
	handover_note(arg, e->what);
}

int main(int argc, char **argv)
{
	struct handover h;
	struct err e = {0};
	int status = -1;

	/* Executed by descriptor it would be called by that number. */
	(void)prctl(PR_SET_NAME, "rlc-monitor", 0, 0, 0);
	if (handover_parse(argc, argv, &h, &e) < 0)
		return EXIT_LAUNCHER;
	h.monitor.helper_lost = helper_lost;
	h.monitor.arg = &h;
	shed_pages();
	/* What cannot be watched must not run; it ends with us, and the next command says so. */
	if (monitor_run(&h.monitor, &status, &e) < 0)
		(void)kill(h.monitor.pid, SIGKILL);
	(void)handover_to_rlc(&h, status, &e);
	return EXIT_LAUNCHER;
}
