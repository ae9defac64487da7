/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scene for tests of the monitor: a process "rlc" that runs it, and its child "init", which does
 * what the test says.
 */
#pragma once
#include "cmd/launch/monitor.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* One case: what init does, and how the monitor is set up. */
struct scene {
	void (*init)(void);    /* runs with the container's stdio; exits */
	void (*before)(pid_t); /* in rlc, before the monitor */
	bool pipes, pty, detached, interactive, logged, no_stdin;
	int keep; /* a write end somebody outside keeps: its stdout's copy stays open */
};

static inline void nap(int ms)
{
	usleep((useconds_t)ms * 1000);
}

static inline void use_as(int fd, int as)
{
	dup2(fd, as);
}

static inline pid_t start_init(const struct scene *s, struct monitor *m, int *ret_leak)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, slave = -1;
	pid_t pid;

	if (s->pipes &&
	    (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0))
		_exit(99);
	if (s->pty) {
		m->pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (m->pty < 0 || grantpt(m->pty) < 0 || unlockpt(m->pty) < 0)
			_exit(99);
		slave = ioctl(m->pty, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	}
	pid = fork();
	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		if (s->pty)
			ioctl(slave, TIOCSCTTY, 0);
		for (int i = 0; i < 3 && s->pty; i++)
			use_as(slave, i);
		if (s->pipes) {
			use_as(in[0], 0);
			use_as(out[1], 1);
			use_as(err[1], 2);
		}
		fd_close_all_but(3, NULL, 0);
		s->init();
		_exit(98);
	}
	if (slave >= 0)
		close(slave);
	if (s->pipes) {
		close(in[0]);
		close(err[1]);
		*ret_leak = out[1];
		m->in = s->no_stdin ? -1 : in[1];
		if (s->no_stdin)
			close(in[1]);
		m->out = out[0];
		m->err = err[0];
	}
	return pid;
}

static inline void __attribute__((noreturn)) rlc_main(const struct scene *s, int log)
{
	struct monitor m = {.pty = -1,
			    .server = -1,
			    .in = -1,
			    .out = -1,
			    .err = -1,
			    .log_fd = log,
			    .attached = !s->detached,
			    .interactive = s->interactive,
			    .sig_proxy = true,
			    .stop_signal = SIGQUIT};
	struct err e = {0};
	int status = 97, leak = -1;

	m.pid = start_init(s, &m, &leak);
	if (s->keep && leak >= 0)
		use_as(leak, s->keep); /* outlives init, as a descriptor passed outside would */
	if (leak >= 0)
		close(leak);
	if (s->before)
		s->before(m.pid);
	if (monitor_run(&m, &status, &e) < 0)
		dprintf(2, "monitor: %s: %s\n", e.what, strerror(e.sys));
	if (m.pty != -1 || m.in != -1 || m.out != -1 || m.err != -1 || m.log_fd != -1)
		status = 96;
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		status = 95;
	_exit(status);
}
