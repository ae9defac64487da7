/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pipes for splice(2), lent to whoever has bytes on their way. A pipe is given back when it is
 * empty, so there are as many as there are connections with a slow reader, not as there are
 * connections; and never more than PIPES_MAX, of which few are large: their memory counts against
 * the user's (fs.pipe-user-pages-soft).
 */
#pragma once
#include <stddef.h>

enum { PIPES_MAX = 64, PIPES_LARGE = 8, PIPES_IDLE = 2, PIPE_SIZE = 1 << 20 };

struct pipe {
	int read, write;
	size_t size, held; /* bytes */
	struct pipe *next; /* of the idle ones */
};

struct pipes {
	struct pipe *idle;
	size_t n_idle, n;
	size_t most; /* at most PIPES_MAX; set by the caller */
};

/* An empty pipe, or NULL when there are enough or none can be had. */
struct pipe *pipes_take(struct pipes *all);
/* Gives one back; what it still holds is lost. */
void pipes_give(struct pipes *all, struct pipe *p);
