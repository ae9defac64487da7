/* SPDX-License-Identifier: Apache-2.0 */
/* A start that takes seconds says so, and lets itself be ended. In the host process. */
#include "cmd/launch/slow_start.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/str.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

enum { PATIENCE_MS = 1000 };

static void tell(const struct slow_start *s)
{
	auto_str struct str image = {0};
	char size[16];

	str_add_visible(&image, s->image);
	log_warn("copying the root file system of %.300s (%s); an overlay needs no copy%s",
		 str_get(&image), str_human_bytes(size, sizeof(size), s->size),
		 s->no_other ? ": rlc doctor says what it lacks here" : "");
}

/* Those which would end any other program here. */
static int open_signals(struct err *e)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction act;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < array_len(ending); i++)
		if (sigaction(ending[i], NULL, &act) == 0 && act.sa_handler != SIG_IGN)
			sigaddset(&set, ending[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	return fd < 0 ? err_sys(e, "make a descriptor for signals") : fd;
}

int slow_start_wait(const struct slow_start *s, int report, struct err *e)
{
	auto_fd int fd = open_signals(e);
	struct pollfd p[] = {{.fd = report, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
	struct signalfd_siginfo info;
	int timeout = PATIENCE_MS, n;

	if (fd < 0)
		return -1;
	do {
		n = poll(p, array_len(p), timeout);
		if (n != 0)
			continue;
		if (s->watched)
			tell(s);
		timeout = -1;
	} while (n == 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return err_sys(e, "wait for the root file system");
	if (p[0].revents || read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	err_msg(e, "ended by signal %u while the root file system was made", info.ssi_signo);
	return err_exit(e, 128 + (int)info.ssi_signo);
}
