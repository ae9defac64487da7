/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS over TCP: the container talks to the link's name server, libslirp to one of the host's. The
 * addresses are exchanged in the frames (pure but for its table).
 */
#pragma once
#include "net/config.h"
#include "net/frame.h"
#include "net/nameservers.h"

enum { DNS_TCP_FLOWS = 256 };

/* By the container's port; two flows whose ports are equal modulo the size push each other out. */
struct dns_tcp {
	struct dns_tcp_flow {
		uint16_t port;
		bool used, is_ipv6;
		uint8_t server[16];
	} flows[DNS_TCP_FLOWS];
};

/*
 * A frame of the container to the name server (FILTER_DNS_TCP) becomes one to the first of the n
 * servers of its family. False: there is none, or the frame belongs to no flow.
 */
bool dns_tcp_outward(struct dns_tcp *t, struct frame *f, const struct nameserver *servers,
		     size_t n);
/* Whether a frame to the container answers such a flow: it must then be given to the next. */
bool dns_tcp_is_answer(const struct dns_tcp *t, const struct frame *f);
/* The answer becomes one of the link's name server. */
void dns_tcp_inward(const struct net_config *c, struct frame *f);
/* The container itself opens a connection to port 53 elsewhere: its port is no flow of ours. */
void dns_tcp_forget(struct dns_tcp *t, const struct frame *f);
