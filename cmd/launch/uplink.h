/* SPDX-License-Identifier: Apache-2.0 */
/* rlc-net as the processes of a launch see it: who starts it, who hands it tap0, who listens to it.
 */
#pragma once
#include <sys/types.h>

struct err;
struct net_config;

/*
 * Host: starts rlc-net with its configuration. Returns the launch's end of their socket
 * (net/uplink_wire.h), close-on-exec: rlc-net ends when its last copy is closed. Nobody waits for
 * rlc-net, neither now nor at its end; *ret_pid is a child of ours.
 */
int uplink_start(const struct net_config *c, pid_t *ret_pid, struct err *e);
/*
 * Set-up, root of the new network namespace: makes tap0 with its addresses and routes, and hands
 * it over.
 */
int uplink_make_tap(const struct net_config *c, int sock, struct err *e);
/*
 * Set-up, once ids are mapped: groups inside may send echo requests, as they may on most hosts;
 * a new network namespace lets none.
 */
void uplink_allow_ping(unsigned int last_gid);
