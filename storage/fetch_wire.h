/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire between the halves of a pull: rlc-image asks, rlc-fetch answers. A request is one
 * message on a SOCK_SEQPACKET pair with the write end of a pipe; the answer is frames on that pipe:
 *
 *	HEAD  DATA…  END	a whole answer
 *	[HEAD DATA…] ERROR	it failed, and why
 *
 * The end of file without END or ERROR: the other half died. A read end that is closed cancels.
 * What is decoded here comes from a process that strangers may have broken. Pure but for the
 * sending. Used on both sides.
 */
#pragma once
#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fetch_kind { FETCH_MANIFEST, FETCH_BLOB };

enum {
	FETCH_WHAT = 136,	    /* a tag has at most 128 bytes */
	FETCH_DIGEST = 72,	    /* "sha256:" and 64 digits */
	FETCH_MEDIA_TYPE = 128,	    /* RFC 6838 4.2: 127 and 127 would be allowed, nobody does */
	FETCH_DATA_MAX = 256 << 10, /* bytes of one frame */
	FETCH_PIPE = 1 << 20,	    /* wished size of the pipe, as far as the user's quota goes */
};

struct fetch_request {
	uint32_t kind; /* enum fetch_kind */
	uint32_t unused;
	uint64_t max;	       /* bytes of the body: more is an error */
	char what[FETCH_WHAT]; /* a tag (manifests only) or "sha256:HEX" */
};

enum fetch_type { FETCH_HEAD = 1, FETCH_DATA, FETCH_ERROR, FETCH_END };

struct fetch_frame {
	uint32_t type; /* enum fetch_type */
	uint32_t size; /* of what follows */
};

struct fetch_head {
	uint64_t length; /* of the body as announced, or UINT64_MAX; not to be trusted */
	char media_type[FETCH_MEDIA_TYPE]; /* Content-Type without parameters, or "" */
	char digest[FETCH_DIGEST];	   /* Docker-Content-Digest as announced, or "" */
};

/* Fills in a request; -1 when what is neither a tag nor a digest, or a tag where none may be. */
int fetch_request_make(enum fetch_kind kind, const char *what, uint64_t max,
		       struct fetch_request *ret, struct err *e);
/* Whether n bytes are a request that fetch_request_make() could have made. */
bool fetch_request_is_sound(const struct fetch_request *r, size_t n);

/* How far an answer is; zero to begin with. */
struct fetch_answer {
	bool has_head, ended;
	uint64_t got; /* bytes of the body */
};

/*
 * Whether this frame may follow now, and with that many bytes of a body of at most max; then counts
 * it. -1: the other half is not in its right mind.
 */
int fetch_answer_step(struct fetch_answer *a, const struct fetch_frame *f, uint64_t max,
		      struct err *e);
/* What follows a frame. Texts end, and hold nothing but visible ASCII. */
int fetch_head_decode(const void *bytes, size_t n, struct fetch_head *ret, struct err *e);
/* Always -1: *e is the error in the frame, its control bytes made visible. */
int fetch_error_decode(const void *bytes, size_t n, struct err *e);
