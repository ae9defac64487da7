/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames (fetch_wire.h) on their way into a pipe that may be full: gathered, so that one write(2)
 * takes many of libcurl's pieces. In rlc-fetch.
 */
#pragma once
#include "storage/fetch_wire.h"

struct outbox {
	int pipe;	   /* non-blocking; owned */
	bool is_broken;	   /* nobody reads it any more */
	size_t begin, end; /* what is to be written */
	size_t frame;	   /* where the DATA frame that still grows begins; 0 and closed: none */
	bool is_open;
	unsigned char bytes[FETCH_DATA_MAX + 4096]; /* the rest is for the frames that end it */
};

void outbox_init(struct outbox *o, int pipe);
/* Room for a piece of n bytes of the body; false: flush, and wait until the pipe takes more. */
bool outbox_has_room(const struct outbox *o, size_t n);
/* Only with room. */
void outbox_data(struct outbox *o, const void *bytes, size_t n);
/* The other frames: at most one head, and one end or error, have room whatever there is. */
void outbox_frame(struct outbox *o, enum fetch_type type, const void *bytes, size_t n);
/* Writes what the pipe takes. True: everything is out. */
bool outbox_flush(struct outbox *o);
