/* SPDX-License-Identifier: Apache-2.0 */
/* What went through the network cards of another network namespace (proc_pid_net(5)). */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct traffic {
	uint64_t received, sent; /* bytes, without the loopback's */
};

/*
 * Sums the text of /proc/PID/net/dev; pure. False, and *ret as it was: a line that makes no sense.
 * Names of cards are the container's to choose.
 */
bool traffic_parse(const char *text, struct traffic *ret);
/* Of the network that the process is in. False: it shares ours, or there is none to be seen. */
bool traffic_of(pid_t pid, struct traffic *ret);
