/* SPDX-License-Identifier: Apache-2.0 */
/* Forwarded TCP connections. */
#pragma once
#include "net/forward.h"

/* A listener has somebody: accepts what waits, up to a bound. */
void tcp_accept(struct forward *f, struct forward_watch *w, uint32_t events);
/* Goes on with those that stopped in fairness to others. */
void tcp_go_on(struct forward *f);
/* The container is gone: only what it still had to say goes out. */
void tcp_end(struct forward *f);
/* Frees the connections that ended since. Only when no event of theirs is left. */
void tcp_free_closed(struct forward *f);
