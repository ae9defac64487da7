/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor beside a helper that was taken over: what it does not get out of it, and its end. */
#include "cmd/launch/monitor_helper.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/spawn.h"
#include "net/uplink_wire.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

static int theirs;

static struct monitor_helper begin(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		exit(1);
	theirs = ends[1];
	return (struct monitor_helper){.pid = 1,
				       .control = ends[0],
				       .name = "rlc-x",
				       .lost = "it is lost",
				       .asks_resolv = true};
}

static void end(struct monitor_helper *h)
{
	if (h->control >= 0)
		close(h->control);
	if (theirs >= 0)
		close(theirs);
	theirs = -1;
}

/* As the monitor's loop: as long as it wants to hear and there is something. Returns the turns. */
static int hear(struct monitor_helper *h, int most)
{
	int turns = 0;

	while (turns < most && h->asks_resolv) {
		struct pollfd p = {.fd = h->control, .events = POLLIN};

		if (poll(&p, 1, 0) <= 0)
			break;
		monitor_helper_answer(h);
		turns++;
	}
	return turns;
}

static int count_answers(void)
{
	static char text[UPLINK_TEXT_MAX];
	int n = 0;

	while (recv(theirs, text, sizeof(text), MSG_DONTWAIT) > 0)
		n += text[0] == UPLINK_RESOLV;
	return n;
}

static void ask(int n)
{
	const char wish = UPLINK_RESOLV;

	while (n-- > 0)
		(void)send(theirs, &wish, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void test_asks(void)
{
	struct monitor_helper h = begin();
	bool has_file = access("/etc/resolv.conf", R_OK) == 0;
	int answers;

	ask(1);
	ok(hear(&h, 10) == 1 && count_answers() == has_file && h.asks_resolv,
	   "one wish, one answer");
	ask(20);
	answers = hear(&h, 100) == 20 ? count_answers() : -1;
	ok(answers == 0 && h.asks_resolv, "twenty more at once: passed over");
	usleep(600000);
	ask(1);
	ok(hear(&h, 10) == 1 && count_answers() == has_file, "later it is answered again");
	for (int i = 0; i < 100; i++) {
		ask(10);
		hear(&h, 10000);
	}
	ok(!h.asks_resolv && count_answers() <= 2, "one that does not stop is not heard any more");
	end(&h);
}

static void test_no_wish(void)
{
	static const struct err last = {.sys = ENOMEM, .what = "last words"};
	struct monitor_helper h = begin();
	struct err e;

	(void)send(theirs, "", 0, 0);
	ok(hear(&h, 100) == 1 && !h.asks_resolv, "an empty message ends the listening");
	end(&h);

	h = begin();
	close(theirs);
	ok(hear(&h, 100) == 1 && !h.asks_resolv, "and so does the end of the socket");
	theirs = -1;
	end(&h);

	h = begin();
	(void)send(theirs, &last, sizeof(last), 0);
	ok(hear(&h, 100) == 1 && !h.asks_resolv, "and so do last words");
	monitor_helper_lost(&h, 0, &e);
	ok(strstr(e.what, "it is lost: last words: ") == e.what, "which are read: %s", e.what);
	end(&h);
}

static void test_reason(void)
{
	struct err told, no_end = {.exit = 1};
	struct monitor_helper h = begin();

	memset(no_end.what, 'x', sizeof(no_end.what));
	memset(no_end.hint, 'y', sizeof(no_end.hint));
	ok(!monitor_helper_reason(h.control, &told), "nothing was said");
	ask(3);
	(void)send(theirs, &no_end, sizeof(no_end), 0);
	ok(monitor_helper_reason(h.control, &told) && strlen(told.what) == sizeof(told.what) - 1 &&
	       strlen(told.hint) == sizeof(told.hint) - 1 && told.exit == EXIT_LAUNCHER,
	   "behind its wishes, its texts ended, its status ours");
	/* What it leaves unread of ours makes its end a reset, told first. */
	(void)send(h.control, "x", 1, 0);
	(void)send(theirs, &no_end, sizeof(no_end), 0);
	close(theirs);
	theirs = -1;
	ok(monitor_helper_reason(h.control, &told), "behind a reset");
	end(&h);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static pid_t child(int sig)
{
	pid_t pid = fork();

	if (pid == 0) {
		/* Deaf, or stopped. */
		signal(SIGTERM, SIG_IGN);
		if (sig)
			raise(sig);
		pause();
		_exit(0);
	}
	return pid;
}

static void test_end(void)
{
	struct monitor_helper h = begin();
	int64_t began = now_ms();
	pid_t pid;

	h.waited_for = true;
	h.pid = fork();
	if (h.pid == 0) {
		char byte;

		/* As rlc-ports: until the other end is closed. */
		close(h.control);
		while (recv(theirs, &byte, 1, 0) > 0)
			;
		_exit(0);
	}
	close(theirs);
	theirs = -1;
	monitor_helper_end(&h);
	ok(h.control == -1 && waitpid(h.pid, NULL, WNOHANG) < 0 && errno == ECHILD &&
	       now_ms() - began < 2500,
	   "one that hears its end is waited for");
	began = now_ms();
	pid = child(0);
	alarm(20);
	spawn_end(pid, 200);
	ok(waitpid(pid, NULL, WNOHANG) < 0 && errno == ECHILD && now_ms() - began >= 200,
	   "one that does not is killed after its time");
	pid = child(SIGSTOP);
	spawn_end(pid, 100);
	ok(waitpid(pid, NULL, WNOHANG) < 0 && errno == ECHILD, "and so is one that is stopped");
	alarm(0);
	end(&h);
}

int main(void)
{
	test_asks();
	test_no_wish();
	test_reason();
	test_end();
	return tap_end();
}
