/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forwarded datagrams. Each client has a socket in the container (a flow), so that answers find
 * their way back; they leave the host by the address the client wrote to.
 */
#pragma once
#include "net/forward.h"

/*
 * FLOWS_MAX: then one gives way, of those that the container never answered if there is one. The
 * times are those of nf_conntrack.
 */
enum { FLOWS_MAX = 1024, FLOW_UNANSWERED_MS = 30000, FLOW_ANSWERED_MS = 120000 };

/* A listener has datagrams. */
void udp_receive(struct forward *f, struct forward_watch *w, uint32_t events);
/* Ends flows that were silent too long. */
void udp_expire(struct forward *f);
/* Ends all. */
void udp_end(struct forward *f);
/* Whether udp_expire() has something to wait for. */
bool udp_has_flows(const struct forward *f);
