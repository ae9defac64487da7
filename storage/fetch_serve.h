/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of rlc-fetch: requests in, frames out, until nobody asks any more. */
#pragma once

struct err;
struct registry;

/* sock: a SOCK_SEQPACKET socket to rlc-image. r->multi is set here. Returns 0 when it was closed.
 */
int fetch_serve(struct registry *r, int sock, struct err *e);
