/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a start that takes long, and how a signal ends it. */
#include "cmd/launch/slow_start.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The other end of the report: closed, after a signal where one is given, when its time is over. */
static pid_t start_child(const int *ends, int millis, int sig)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	close(ends[0]);
	usleep((useconds_t)millis * 1000);
	if (sig)
		kill(getppid(), sig);
	/* Longer than anybody waits for the signal. */
	usleep(sig ? 5000000 : 0);
	_exit(0);
}

/* What was said comes into text. */
static int wait_for(const struct slow_start *s, int millis, int sig, char *text, size_t n,
		    struct err *e)
{
	auto_fd int said = memfd_create("said", MFD_CLOEXEC), before = dup(STDERR_FILENO);
	int ends[2], rc;
	ssize_t got;
	pid_t pid;

	if (said < 0 || before < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return -2;
	pid = start_child(ends, millis, sig);
	close(ends[1]);
	dup2(said, STDERR_FILENO);
	rc = slow_start_wait(s, ends[0], e);
	dup2(before, STDERR_FILENO);
	close(ends[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	got = pread(said, text, n - 1, 0);
	text[got > 0 ? got : 0] = '\0';
	return rc;
}

int main(void)
{
	const struct slow_start asked = {
	    .image = "localhost/big\033:1", .size = 116000000, .watched = true};
	const struct slow_start script = {.image = "big", .size = 1000};
	const struct slow_start fallen_back = {.image = "big",
					       .size = 1000,
					       .no_other = "the kernel refuses an overlay here",
					       .watched = true};
	struct err e = {0};
	sigset_t set;
	char text[1000];

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ok(wait_for(&asked, 0, 0, text, sizeof(text), &e) == 0 && !*text,
	   "a quick one: nothing is said %s", text);
	ok(wait_for(&asked, 1300, 0, text, sizeof(text), &e) == 0 &&
	       strstr(text, "copying the root file system of localhost/big\\x1b:1 (116 MB)") &&
	       !strstr(text, "rlc doctor"),
	   "a slow one is told, with its size: %s", text);
	ok(strchr(text, '\n') == strrchr(text, '\n'), "once");
	ok(wait_for(&fallen_back, 1300, 0, text, sizeof(text), &e) == 0 &&
	       strstr(text, "of big (1 kB)") && strstr(text, ": rlc doctor says"),
	   "and where a copy is all there is, what tells why: %s", text);
	ok(wait_for(&script, 1300, 0, text, sizeof(text), &e) == 0 && !*text,
	   "nothing is said to a script %s", text);
	ok(wait_for(&asked, 100, SIGTERM, text, sizeof(text), &e) == -1 && e.exit == 128 + SIGTERM,
	   "a signal ends it: %s", e.what);
	return tap_end();
}
