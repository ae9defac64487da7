/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A forwarded TCP connection that shows the container its client's own address. The forwarder's
 * socket takes that address (IP_TRANSPARENT) and marks what it sends; the container's answers
 * inherit the mark (tcp_fwmark_accept, fwmark_reflect) and a routing rule for it leads them back.
 * Connections the container makes itself carry no mark and go where they always go.
 */
#pragma once
#include "net/forward_order.h"

#include <sys/socket.h>

struct err;

/*
 * What connects here never leaves the machine, so there is no congestion to control: bbr's
 * pacing, where it is the host's default, would only slow the container down. A kernel that
 * refuses is no error.
 */
void source_route_unpaced(void);
/*
 * Prepares this network namespace: the sysctl, and for each family of the target a rule and a
 * table. Needs CAP_NET_ADMIN over it. -1 where the kernel has no such thing: clients then appear
 * as the container itself.
 */
int source_route_add(const struct forward_target *t, struct err *e);
/* 127.0.0.0/8, as IPv6 writes it too, and ::1. */
bool source_is_loopback(const struct sockaddr_storage *a);
/*
 * Gives a socket, not yet connected, the client's address; `to` is where it will be connected.
 * Needs CAP_NET_RAW over the network namespace. Nothing is done where it cannot be: a loopback
 * client, another family, the kernel's refusal.
 */
void source_keep(int fd, const struct sockaddr_storage *client, const struct sockaddr_storage *to);
