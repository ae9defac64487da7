/* SPDX-License-Identifier: Apache-2.0 */
/* A small stock of pipes; runs in rlc-ports. */
#include "net/pipes.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"

#include <fcntl.h>

static void close_pipe(struct pipes *all, struct pipe *p)
{
	close(p->read);
	close(p->write);
	free(p);
	all->n--;
}

struct pipe *pipes_take(struct pipes *all)
{
	struct pipe *p = all->idle;
	int ends[2], size;

	if (p) {
		all->idle = p->next;
		all->n_idle--;
		return p;
	}
	if (all->n >= all->most || pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return NULL;
	/* Refused to a user who has many pipes already: the size stays what it was. */
	size = all->n < PIPES_LARGE ? fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE) : -1;
	if (size < 0)
		size = fcntl(ends[1], F_GETPIPE_SZ);
	p = xcalloc(1, sizeof(*p));
	*p = (struct pipe){ends[0], ends[1], size > 0 ? (size_t)size : 4096, 0, NULL};
	all->n++;
	return p;
}

void pipes_give(struct pipes *all, struct pipe *p)
{
	if (p->held || all->n_idle >= PIPES_IDLE) {
		close_pipe(all, p);
		return;
	}
	p->next = all->idle;
	all->idle = p;
	all->n_idle++;
}
