/* SPDX-License-Identifier: Apache-2.0 */
/* What helpers of a container say and ask, none of it trusted; runs in the monitor. */
#include "cmd/launch/monitor_helper.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/kernel/spawn.h"
#include "net/uplink_wire.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

/* An honest helper asks a second apart; those of a stopped monitor's time wait in its socket. */
enum { ASK_PAUSE_MS = 500, ASKS_TOO_SOON = 300 };
enum { PATIENCE_MS = 3000 };

/* The host's name servers may have changed since the helper was told. */
static void send_resolv(int control)
{
	auto_free char *text = NULL, *message = NULL;
	struct err ignored;

	if (file_read(AT_FDCWD, "/etc/resolv.conf", UPLINK_TEXT_MAX - 1, &text, NULL, &ignored) < 0)
		return;
	message = xasprintf("%c%s", UPLINK_RESOLV, text);
	(void)send(control, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL); /* asks again */
}

bool monitor_helper_reason(int control, struct err *ret)
{
	bool was_reset = false;
	ssize_t n;

	/* An end that left something of ours unread is told first (ECONNRESET), once. */
	do {
		n = control < 0 ? -1 : recv(control, ret, sizeof(*ret), MSG_DONTWAIT);
		if (n < 0 && control >= 0 && errno == ECONNRESET && !was_reset) {
			was_reset = true;
			n = 1;
		}
	} while (n == 1);
	if (n != (ssize_t)sizeof(*ret))
		return false;
	/* It may have been taken over: a text it is, and no more. */
	ret->what[sizeof(ret->what) - 1] = ret->hint[sizeof(ret->hint) - 1] = '\0';
	ret->exit = EXIT_LAUNCHER;
	return true;
}

void monitor_helper_lost(const struct monitor_helper *h, int status, struct err *e)
{
	struct err told;

	if (monitor_helper_reason(h->control, &told)) {
		err_msg(e, "%s: %.800s%s%s", h->lost, told.what, told.sys ? ": " : "",
			told.sys ? strerror(told.sys) : "");
	} else if (WIFSIGNALED(status)) {
		err_msg(e, "%s: %s was killed by signal %d", h->lost, h->name, WTERMSIG(status));
	} else {
		err_msg(e, "%s: %s ended with status %d", h->lost, h->name, WEXITSTATUS(status));
	}
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * One that was taken over may ask without end, close its socket or fill it with something else: it
 * is not heard any more then.
 */
void monitor_helper_answer(struct monitor_helper *h)
{
	const int64_t now = now_ms();
	char ask;
	/* Longer: why it ends, which is read when it has. Nothing: it closed the socket. */
	ssize_t n = recv(h->control, &ask, sizeof(ask), MSG_DONTWAIT | MSG_PEEK | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	h->asks_resolv = n == 1;
	if (n != 1)
		return;
	(void)recv(h->control, &ask, sizeof(ask), MSG_DONTWAIT);
	if (now - h->answered_ms < ASK_PAUSE_MS) {
		h->asks_resolv = ++h->asked_too_soon <= ASKS_TOO_SOON;
		return;
	}
	h->answered_ms = now;
	h->asked_too_soon = 0;
	send_resolv(h->control);
}

void monitor_helper_end(struct monitor_helper *h)
{
	if (h->control >= 0)
		close(take_fd(&h->control));
	if (h->waited_for && h->pid > 0)
		spawn_end(h->pid, PATIENCE_MS);
}
