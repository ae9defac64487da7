/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts datagrams of IPv4 together again before they are judged (RFC 791, 3.2; pure). libslirp would
 * do it too, but with as many unfinished ones, for as long, as the container likes, and in whatever
 * order and overlap. Here there is a table: in order alone, as every kernel sends them, no byte
 * twice, and the oldest gives way.
 */
#pragma once
#include "net/frame.h"

enum { FRAGMENTS_TABLE = 32, FRAGMENTS_LIFE_MS = 15000 };

/* Zeroed it is empty. Two megabytes, of which what was never needed is never touched. */
struct fragments {
	struct fragments_datagram {
		size_t size; /* of the frame so far; 0: free */
		int64_t begun_ms;
		uint8_t bytes[FRAME_ETHERNET + UINT16_MAX];
	} table[FRAGMENTS_TABLE];
};

/*
 * Takes a fragment (f->fragment). True: it was the last one, and *ret is the whole frame, parsed as
 * any other; its bytes stay until the next call. False: more is to come, or it was dropped, since
 * it fits nothing. now_ms: of any steady clock. f and ret may be the same.
 */
bool fragments_add(struct fragments *t, const struct frame *f, int64_t now_ms, struct frame *ret);
