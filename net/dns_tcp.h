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
		bool answered; /* the server took the connection */
		size_t nth;    /* of the servers */
		uint8_t server[16];
	} flows[DNS_TCP_FLOWS];
	size_t
	    first; /* the server to begin with: the last that answered, or that after a refusal */
};

/*
 * A frame of the container to the name server (FILTER_DNS_TCP) becomes one to one of the n servers
 * of its family: to the next when the container repeats its first segment, since that one stayed
 * silent, or begins anew after a refusal. False: there is none, or the frame belongs to no flow.
 */
bool dns_tcp_outward(struct dns_tcp *t, struct frame *f, const struct nameserver *servers,
		     size_t n);
/* Whether a frame to the container answers such a flow: it must then be given to the next. */
bool dns_tcp_is_answer(const struct dns_tcp *t, const struct frame *f);
/* The answer becomes one of the link's name server; it tells which server to begin with. */
void dns_tcp_inward(struct dns_tcp *t, const struct net_config *c, struct frame *f);
/* The container itself talks to that server's port 53: its port is no flow of ours. */
void dns_tcp_forget(struct dns_tcp *t, const struct frame *f);
