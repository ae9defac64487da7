/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway of one container: between its tap0 and sockets of the host, by libslirp. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct net_config;
struct uplink;

/*
 * Makes a gateway (libslirp's tables and all); resolv is the text of the host's resolv.conf,
 * memory what it may hold in bytes (net/budget.h).
 * control: the socket of net/uplink_wire.h, on which tap0 arrives. NULL with *e set when libslirp
 * refuses the configuration.
 */
struct uplink *uplink_new(const struct net_config *c, const char *resolv, uint64_t memory,
			  int control, struct err *e);
/*
 * Serves until the other end of control is closed (0), or tap0 is gone or something fails (-1).
 * Makes no system call beyond uplink_calls (net/uplink_calls.h).
 */
int uplink_serve(struct uplink *u, struct err *e);
