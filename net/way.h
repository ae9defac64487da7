/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from one TCP socket to another, one way. Little is copied, much is spliced. What the
 * reader's end does not take stays in the writer's socket, so a slow reader costs no memory here.
 */
#pragma once
#include "net/pipes.h"

#include <stdbool.h>

struct way {
	int from, to;
	struct pipe *pipe; /* while bytes are in it */
	bool readable;	   /* `from` may have something, as far as is known */
	bool writable;	   /* `to` may take something */
	bool ending;	   /* `from` told that its end is near: read on until it comes */
	bool bulk;	   /* much came last time */
	size_t moved;	   /* out of `from`, by this call of way_pump() */
	bool ended, done;  /* `from` was read to its end; and that was passed on */
};

enum way_state {
	WAY_WAITS, /* for one of its ends */
	WAY_MORE,  /* stopped in fairness to others: call again */
	WAY_BROKEN /* one end was reset */
};

/* Moves what can be moved without waiting, up to a few hundred kilobytes. */
enum way_state way_pump(struct way *w, struct pipes *pipes);
/* Gives up what is on its way. */
void way_drop(struct way *w, struct pipes *pipes);
