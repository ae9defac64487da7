/* SPDX-License-Identifier: Apache-2.0 */
/* The first process of a container is found, and a stranger with its number never is. */
#include "lib/state/process.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/state/dirs.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static struct dirs d;

/* A container that says it runs as `pid`, watched by `monitor`; its lock. */
static int pretend(pid_t pid, pid_t monitor, char *id)
{
	struct record_state s = {.status = STATUS_RUNNING, .pid = pid, .monitor_pid = monitor};
	struct record r = {.stop_signal = SIGTERM};
	struct err e;
	int lock;

	record_new_id(id);
	r.id = xstrdup(id);
	lock = record_create(&d, &r, false, &e);
	record_free(&r);
	if (lock < 0 || record_set_state(&d, id, &s, &e) < 0)
		printf("# %s\n", e.what);
	return lock;
}

static void test_open(void)
{
	struct process p = {.fd = -1};
	struct err e = {0};
	char id[65];
	pid_t child = fork();
	int lock;

	if (child == 0) {
		pause();
		_exit(0);
	}
	lock = pretend(child, getpid(), id);
	ok(process_open(&d, id, &p, &e) == 0 && p.fd >= 0 && p.pid == child &&
	       p.status == STATUS_RUNNING,
	   "a child of the monitor: %s", e.what);
	close(p.fd);
	ok(process_wait_monitor(&d, id, 20, &e) == 1, "its monitor lives");
	close(lock);
	ok(process_open(&d, id, &p, &e) == 0 && p.fd == -1 && p.status == STATUS_EXITED,
	   "without a monitor nothing is opened, though the number is in use");
	ok(process_wait_monitor(&d, id, 20, &e) == 0, "and nothing is waited for");
	record_remove(&d, id, &e);
	ok(process_open(&d, id, &p, &e) == -1 && e.exit == 1, "not there: %s", e.what);
	ok(process_wait_monitor(&d, id, 20, &e) == 0, "what is not there has ended");

	lock = pretend(child, getppid(), id);
	ok(process_open(&d, id, &p, &e) == 0 && p.fd == -1,
	   "the child of another process has but the same number");
	close(lock);
	record_remove(&d, id, &e);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	lock = pretend(child, getpid(), id);
	ok(process_open(&d, id, &p, &e) == 0 && p.fd == -1, "nor is one that was reaped");
	close(lock);
	record_remove(&d, id, &e);
}

/* Whether it is ended as what a killed monitor left. */
static bool is_ended(const struct record_state *s)
{
	process_end_orphan(s);
	return waitpid(s->pid, NULL, WNOHANG) == s->pid;
}

static void test_orphan(void)
{
	struct record_state s = {.pid = fork()}, other;

	if (s.pid == 0) {
		pause();
		_exit(0);
	}
	process_note_start(&s);
	ok(s.pid_start > 0 && strlen(s.boot) == 36, "it began in boot %s", s.boot);
	other = s;
	other.pid_start++;
	ok(!is_ended(&other), "one that began at another moment is a stranger");
	other = s;
	other.boot[0] = s.boot[0] == '0' ? '1' : '0';
	ok(!is_ended(&other), "so is one of another boot, whatever its number and moment");
	ok(is_ended(&s), "the one that was left is ended");
	s.pid = fork();
	if (s.pid == 0) {
		pause();
		_exit(0);
	}
	process_note_start(&s);
	s.boot[0] = '\0';
	ok(is_ended(&s), "also where an older rlc did not say of which boot it is");
}

static void test_status(void)
{
	static const char text[] = "Name:\tsleep\n"
				   "SigPnd:\t0000000000000000\n"
				   "SigBlk:\t0000000000004000\n" /* 15 */
				   "SigIgn:\t0000000000000002\n"
				   "SigCgt:\t8000000000000001\n"; /* 1, 64 */

	ok(process_status_handles(text, SIGHUP), "caught");
	ok(process_status_handles(text, 64), "the last signal");
	ok(process_status_handles(text, SIGTERM), "blocked: it waits for signalfd or sigwait");
	ok(!process_status_handles(text, SIGINT), "ignored");
	ok(!process_status_handles(text, SIGQUIT), "default");
	ok(process_status_handles(text, SIGKILL), "nobody refuses SIGKILL");
	ok(process_status_handles("", SIGTERM), "in doubt it is asked");
	ok(process_handles(getpid(), SIGKILL) && process_handles(0, SIGTERM), "of a process");
	signal(SIGUSR1, SIG_DFL);
	ok(!process_handles(getpid(), SIGUSR1), "as the kernel tells it");
}

int main(void)
{
	char base[] = "/tmp/rlc-process-XXXXXX";
	struct err e;

	if (!mkdtemp(base) || dirs_open(base, base, &d, &e) < 0)
		return 1;
	test_open();
	test_orphan();
	test_status();
	dirs_close(&d);
	file_remove_tree(AT_FDCWD, base, &e);
	return tap_end();
}
