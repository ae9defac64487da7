/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes over the socket between a container's launch and its rlc-net (SOCK_SEQPACKET, one
 * message a packet, the first byte its kind). rlc-net lives as long as the other end is open. In
 * the other direction go single bytes, each asking for UPLINK_RESOLV, and at the end a struct err.
 */
#pragma once
#include "net/config.h"

enum uplink_kind {
	UPLINK_CONFIG = 'C', /* host → rlc-net, first: struct net_config */
	UPLINK_TAP = 'T',    /* set-up → rlc-net: with the descriptor of tap0 */
	UPLINK_RESOLV = 'R', /* monitor → rlc-net: the text of resolv.conf */
};

enum { UPLINK_FD = 3, UPLINK_TEXT_MAX = 16384 };
