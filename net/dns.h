/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link's name server for UDP: each question of the container goes to one of the host's
 * servers, and to the next when that one stays silent or cannot tell.
 */
#pragma once
#include "net/config.h"
#include "net/frame.h"
#include "net/nameservers.h"

#include <poll.h>

enum { DNS_PENDING = 128, DNS_QUESTION_MAX = 4096, DNS_ANSWER_MAX = 65507 };

/* Who asked, for the headers of the answer. */
struct dns_asker {
	uint8_t ethernet[12]; /* of the question: target, source */
	uint8_t address[16];
	uint16_t port;
	bool is_ipv6;
};

struct dns_question {
	int fd;		/* connected to the server that is asked */
	uint8_t *bytes; /* NULL: this place is free */
	size_t size;
	unsigned int server, tries;
	int64_t deadline, end; /* ms: ask the next server; give up */
	struct dns_asker asker;
};

/* Zeroed it has no servers and no questions; send, to and net are set by the caller. */
struct dns {
	struct nameserver servers[NAMESERVERS_MAX];
	size_t n_servers;
	unsigned int good; /* the server that answered last is asked first */
	bool troubled;	   /* a server failed: somebody should look for new ones */
	struct dns_question pending[DNS_PENDING];
	size_t n_pending;
	/* Takes a frame for the container. */
	void (*send)(void *to, const uint8_t *bytes, size_t n);
	void *to;
	const struct net_config *net;
};

/* The text of the host's resolv.conf, now or changed; looks interface names up. */
void dns_set_servers(struct dns *d, const char *text, size_t n);
/* A question (FILTER_DNS). now: ms of any steady clock. */
void dns_ask(struct dns *d, const struct frame *f, int64_t now);
/* Fills p (room for DNS_PENDING) with what to wait for; returns how many. */
size_t dns_poll(const struct dns *d, struct pollfd *p);
/* When dns_work must be called at the latest, in ms of the same clock; INT64_MAX: not needed. */
int64_t dns_deadline(const struct dns *d);
/* Answers what came on the n descriptors of dns_poll, and asks again what waited too long. */
void dns_work(struct dns *d, const struct pollfd *p, size_t n, int64_t now);
/*
 * Writes Ethernet, IP and UDP headers before an answer of n bytes (pure). at points FRAME_UDP +
 * FRAME_IPV6 + FRAME_ETHERNET bytes or more into a buffer, to the answer. Returns the begin of the
 * frame, *ret_size is its size.
 */
uint8_t *dns_make_frame(const struct net_config *c, const struct dns_asker *a, uint8_t *at,
			size_t n, size_t *ret_size);
