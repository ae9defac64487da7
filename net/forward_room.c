/* SPDX-License-Identifier: Apache-2.0 */
/* Shares of the limit of descriptors; pure, runs in rlc (to refuse) and in rlc-ports. */
#include "net/forward_room.h"

#include "lib/base/err.h"
#include "net/forward_cage.h"
#include "net/forward_udp.h"
#include "net/pipes.h"

/* ELSEWHERE: stdio, the monitor's socket, the epoll set, one that is just being accepted. */
enum { ELSEWHERE = 16, LEAST = 32 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

int forward_room(uint64_t limit, size_t n_listeners, size_t n_udp, struct forward_room *ret,
		 struct err *e)
{
	const size_t taken = n_listeners + ELSEWHERE;
	const size_t all = (size_t)(limit < FORWARD_DESCRIPTORS ? limit : FORWARD_DESCRIPTORS);
	size_t left;

	if (all < taken + LEAST) {
		err_msg(e, "%zu published ports need %zu descriptors, and the limit is %llu",
			n_listeners, taken + LEAST, (unsigned long long)limit);
		return err_hint(e, "raise the hard limit (ulimit -Hn, or nofile in "
				   "/etc/security/limits.conf), or publish fewer ports");
	}
	left = all - taken;
	ret->pipes = least(PIPES_MAX, left / 8);
	left -= 2 * ret->pipes;
	/* Of the rest a quarter, or all where there is no port of TCP. */
	ret->flows = n_udp == 0 ? 0 : least(FLOWS_MAX, n_udp == n_listeners ? left : left / 4);
	ret->connections = (left - ret->flows) / 2;
	return 0;
}
