/* SPDX-License-Identifier: Apache-2.0 */
/* The reaper of --init; runs as PID 1 of the container, already confined. */
#include "cmd/launch/reaper.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

/* Collects every zombie; true when `child` was one of them. */
static bool reap(pid_t child, int *ret_status)
{
	bool ended = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != child)
			continue;
		ended = true;
		*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	return ended;
}

int reaper_run(pid_t child)
{
	sigset_t all;
	int status = 0;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	while (!reap(child, &status)) {
		int s = sigwaitinfo(&all, NULL);

		if (s > 0 && s != SIGCHLD)
			kill(child, s);
	}
	return status;
}
