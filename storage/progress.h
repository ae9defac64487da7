/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a pull is: rlc-image writes a struct progress for each change on its descriptor 6, a pipe
 * in packet mode, and rlc reads them. Used on both sides.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum progress_state {
	PROGRESS_WAITING,  /* told once for every layer, before anything is fetched */
	PROGRESS_EXISTS,   /* it is in the store already */
	PROGRESS_FETCHING, /* told at most 20 times a second */
	PROGRESS_DONE,	   /* unpacked; no name in the store yet */
};

enum { PROGRESS_DIGEST = 20, PROGRESS_LAYERS_MAX = 1024 };

/* Plain bytes, far smaller than PIPE_BUF. */
struct progress {
	uint32_t layer;	 /* from 0, lowest first */
	uint32_t layers; /* how many the image has */
	uint32_t state;	 /* enum progress_state */
	uint32_t unused;
	uint64_t done, total;	      /* bytes of the blob, as it travels */
	char digest[PROGRESS_DIGEST]; /* "sha256:" and 12 digits of the blob's */
	char unused_end[4];
};

/* In rlc-image: blocks while the pipe is full. Best effort: without rlc nobody wants to know. */
void progress_send(int pipe, const struct progress *p);
/*
 * In rlc: the next one. 1, or 0 at the end of file and for what no rlc-image in its right mind
 * writes: then nothing more is worth reading.
 */
int progress_receive(int pipe, struct progress *ret);
/* Whether it may be shown: numbers in range, a digest of hex digits (pure). */
bool progress_is_sound(const struct progress *p);
