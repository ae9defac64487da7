/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's side of a process that serves a container: it reads strangers, so is no friend. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

/* A process beside the container that serves it as long as it runs. */
struct monitor_helper {
	pid_t pid;	  /* a child of this process; 0 once it was reaped, or none */
	int control;	  /* where it says, as a struct err, why it ended; or -1 */
	const char *name; /* "rlc-ports" */
	const char *lost; /* what the container is without from then on */
	bool asks_resolv; /* by one byte on control: the host's resolv.conf; net/uplink_wire.h */
	bool waited_for;  /* at the end: it has bytes of the container's to bring out first */
	/* the monitor's own */
	int64_t answered_ms; /* when it got resolv.conf last */
	int asked_too_soon;  /* since then */
};

/*
 * Something came on its control: answers a wish for resolv.conf (net/uplink_wire.h). Who asks more
 * than it needs is passed over, and after a few hundred such wishes, or at anything that is no wish
 * (its last words, the end of the socket), h->asks_resolv becomes false: do not wait for it again.
 */
void monitor_helper_answer(struct monitor_helper *h);
/*
 * Why a helper ended, if it said so on this socket, behind what it may have asked: a struct err
 * with its texts ended, but not made visible. False: it said nothing yet. Waits for nothing.
 */
bool monitor_helper_reason(int control, struct err *ret);
/* It was reaped with this status (waitpid(2)): *e says what is lost and why. */
void monitor_helper_lost(const struct monitor_helper *h, int status, struct err *e);
/* The container ended: closes its control; one that is waited for has a few seconds to end. */
void monitor_helper_end(struct monitor_helper *h);
