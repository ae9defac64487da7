/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor with a terminal of the caller's: raw mode and back, job control, window size. */
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "tests/unit/monitor_scene.h"
#include "tests/unit/tap.h"

#include <termios.h>

static void sleep_half_a_second(void)
{
	(void)!write(1, "r", 1);
	nap(500);
	_exit(0);
}

static void say_keys(void)
{
	struct termios t;
	unsigned char key;

	tcgetattr(0, &t);
	cfmakeraw(&t);
	tcsetattr(0, TCSANOW, &t);
	(void)!write(1, "r", 1);
	while (read(0, &key, 1) == 1 && key != 'q')
		dprintf(1, "<%02x>", key);
	_exit(0);
}

static void say_size(void)
{
	struct winsize size = {0}, was = {0};

	/* The scene's pty is born without a size: the monitor gives it one. */
	while (ioctl(0, TIOCGWINSZ, &was) == 0 && was.ws_col == 0)
		nap(5);
	dprintf(1, "%dx%d.", was.ws_col, was.ws_row);
	for (int i = 0; i < 4000; i++) {
		ioctl(0, TIOCGWINSZ, &size);
		if (size.ws_col != was.ws_col)
			break;
		nap(5);
	}
	dprintf(1, "%dx%d.", size.ws_col, size.ws_row);
	_exit(0);
}

/* ---- with a terminal of our own: a "shell" that leads a session ---- */

struct terminal {
	int master;
	pid_t shell;
	int report; /* the shell writes how rlc ended or stopped */
};

/* As a shell with job control: rlc in a process group of its own, in front. */
static void __attribute__((noreturn)) shell_main(const struct scene *s, int slave, int report)
{
	int status;
	pid_t rlc;

	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	for (int i = 0; i < 3; i++)
		use_as(slave, i);
	signal(SIGTTOU, SIG_IGN);
	rlc = fork();
	if (rlc == 0) {
		setpgid(0, 0);
		tcsetpgrp(0, getpid());
		/* Only now: taking the terminal from the background would stop us. */
		signal(SIGTTOU, SIG_DFL);
		close(report);
		rlc_main(s, -1);
	}
	setpgid(rlc, rlc);
	tcsetpgrp(0, rlc);
	(void)!write(report, &rlc, sizeof(rlc));
	for (;;) {
		waitpid(rlc, &status, WUNTRACED);
		(void)!write(report, &status, sizeof(status));
		if (!WIFSTOPPED(status))
			break;
	}
	pause(); /* the terminal must not hang up before the test looked at it */
	_exit(0);
}

static struct terminal open_terminal(const struct scene *s, pid_t *ret_rlc)
{
	struct terminal t;
	struct winsize size = {.ws_col = 91, .ws_row = 17};
	int ends[2], slave;

	t.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t.master < 0 || grantpt(t.master) < 0 || unlockpt(t.master) < 0 ||
	    pipe2(ends, O_CLOEXEC) < 0)
		exit(1);
	ioctl(t.master, TIOCSWINSZ, &size);
	slave = ioctl(t.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	fflush(stdout);
	t.shell = fork();
	if (t.shell == 0) {
		close(ends[0]);
		shell_main(s, slave, ends[1]);
	}
	close(slave);
	close(ends[1]);
	t.report = ends[0];
	(void)!read(t.report, ret_rlc, sizeof(*ret_rlc));
	return t;
}

static void close_terminal(struct terminal *t)
{
	kill(t->shell, SIGKILL);
	waitpid(t->shell, NULL, 0);
	close(t->master);
	close(t->report);
}

static bool is_raw(const struct terminal *t)
{
	struct termios mode;

	tcgetattr(t->master, &mode);
	return !(mode.c_lflag & (ICANON | ECHO | ISIG));
}

static bool becomes_raw(const struct terminal *t, bool raw)
{
	for (int i = 0; i < 4000 && is_raw(t) != raw; i++)
		nap(5);
	return is_raw(t) == raw;
}

/* Reads until `want` is there. */
static bool sees(const struct terminal *t, const char *want)
{
	auto_str struct str text = {0};
	char part[512];
	ssize_t n;

	fcntl(t->master, F_SETFL, O_RDWR | O_NONBLOCK);
	for (int i = 0; i < 4000; i++) {
		while ((n = read(t->master, part, sizeof(part))) > 0)
			str_addn(&text, part, (size_t)n);
		if (strstr(str_get(&text), want))
			return true;
		nap(5);
	}
	printf("# saw \"%s\" instead of \"%s\"\n", str_get(&text), want);
	return false;
}

static int next_status(const struct terminal *t)
{
	int status = -1;

	return read(t->report, &status, sizeof(status)) == sizeof(status) ? status : -1;
}

static const struct scene keys = {.init = say_keys, .pty = true, .interactive = true};

static void test_terminal(void)
{
	struct termios before, after;
	struct terminal t;
	pid_t rlc;

	t = open_terminal(&keys, &rlc);
	tcgetattr(t.master, &before);
	ok(becomes_raw(&t, true) && sees(&t, "r"), "the terminal becomes raw");
	(void)!write(t.master, "\x03\x1a\r", 3);
	ok(sees(&t, "<03><1a><0d>"), "keys go through as they are");
	(void)!write(t.master, "q", 1);
	ok(next_status(&t) == 0, "the container ends");
	tcgetattr(t.master, &after);
	ok(!is_raw(&t) && after.c_oflag == (OPOST | ONLCR) && (after.c_lflag & ECHO),
	   "the terminal is as it was");
	close_terminal(&t);

	t = open_terminal(&keys, &rlc);
	becomes_raw(&t, true);
	kill(rlc, SIGSEGV);
	ok(WTERMSIG(next_status(&t)) == SIGSEGV && !is_raw(&t), "also when rlc itself crashes");
	close_terminal(&t);

	t = open_terminal(&(struct scene){.init = sleep_half_a_second, .pty = true}, &rlc);
	ok(sees(&t, "r") && !is_raw(&t), "without -i the terminal stays as it is");
	close_terminal(&t);
}

static void test_job_control(void)
{
	struct terminal t;
	pid_t rlc;

	t = open_terminal(&keys, &rlc);
	becomes_raw(&t, true);
	sees(&t, "r");
	kill(rlc, SIGTSTP);
	ok(WSTOPSIG(next_status(&t)) == SIGTSTP && !is_raw(&t),
	   "stopped: the terminal is given back");
	kill(rlc, SIGCONT);
	ok(becomes_raw(&t, true), "continued: it is taken again");
	kill(rlc, SIGSTOP);
	next_status(&t);
	kill(rlc, SIGCONT);
	(void)!write(t.master, "xq", 2);
	ok(sees(&t, "<78>") && next_status(&t) == 0, "and the container went on meanwhile");
	ok(!is_raw(&t), "the terminal is as it was");
	close_terminal(&t);
}

static void test_window_size(void)
{
	struct winsize size = {.ws_col = 120, .ws_row = 40};
	struct terminal t;
	pid_t rlc;

	t = open_terminal(&(struct scene){.init = say_size, .pty = true, .interactive = true},
			  &rlc);
	ok(sees(&t, "91x17."), "the pty starts with our window's size");
	ioctl(t.master, TIOCSWINSZ, &size);
	ok(sees(&t, "120x40."), "and follows it");
	close_terminal(&t);
}

int main(void)
{
	test_terminal();
	test_job_control();
	test_window_size();
	return tap_end();
}
