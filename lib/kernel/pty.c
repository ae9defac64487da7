/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's terminal while a container has it; runs in the monitor. */
#include "lib/kernel/pty.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

/*
 * Not a convenience: a signal handler and an exit handler are given nothing, and a shell whose
 * terminal stays raw is of no use to anybody. `owner` keeps forked children from touching it.
 */
static struct {
	int tty;
	pid_t owner;
	bool guarded; /* handlers are in place */
	volatile sig_atomic_t on;
	struct termios was;
} raw = {.tty = -1};

void pty_raw_end(void)
{
	if (!raw.on || raw.owner != getpid())
		return;
	/* A terminal that is gone needs no mode. */
	(void)tcsetattr(raw.tty, TCSANOW, &raw.was);
	raw.on = 0;
}

/* tcsetattr and getpid are async-signal-safe; SA_RESETHAND: the default action follows. */
static void end_and_die(int sig)
{
	pty_raw_end();
	raise(sig);
}

static void guard(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
	struct sigaction act = {.sa_handler = end_and_die, .sa_flags = (int)SA_RESETHAND};

	for (size_t i = 0; i < array_len(faults); i++)
		sigaction(faults[i], &act, NULL);
	/* Too many exit handlers cannot be: it is the only one. */
	(void)atexit(pty_raw_end);
	raw.guarded = true;
}

int pty_raw_begin(int tty, struct err *e)
{
	struct termios t;

	if (raw.on && raw.owner == getpid())
		return 0;
	if (tcgetattr(tty, &t) < 0)
		return err_sys(e, "read the terminal's mode");
	if (!raw.guarded)
		guard();
	raw.tty = tty;
	raw.owner = getpid();
	raw.was = t;
	raw.on = 1;
	cfmakeraw(&t);
	if (tcsetattr(tty, TCSANOW, &t) < 0) {
		raw.on = 0;
		return err_sys(e, "set the terminal to raw mode");
	}
	return 0;
}

bool pty_is_raw(void)
{
	return raw.on && raw.owner == getpid();
}

bool pty_is_foreground(int tty)
{
	return tcgetpgrp(tty) == getpgrp();
}

int pty_copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) < 0)
		return -1;
	return ioctl(to, TIOCSWINSZ, &size);
}
