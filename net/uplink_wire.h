/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes over the socket between a container's launch and its rlc-net (SOCK_SEQPACKET, one
 * message a packet, the first byte its kind). rlc-net lives as long as the other end is open.
 */
#pragma once
#include "net/config.h"

enum uplink_kind {
	UPLINK_CONFIG = 'C', /* host → rlc-net, first: struct net_config */
	UPLINK_TAP = 'T',    /* set-up → rlc-net: with the descriptor of tap0 */
	UPLINK_RESOLV = 'R', /* host → rlc-net: the text of resolv.conf; empty: asks for it */
	UPLINK_ERROR = 'E',  /* rlc-net → host, last: struct err */
};

enum { UPLINK_FD = 3, UPLINK_TEXT_MAX = 16384 };
