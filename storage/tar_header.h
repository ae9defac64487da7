/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats of tar(5) as they stand in memory: one header block, pax records, sparse maps. Pure
 * functions over untrusted bytes; tar.c puts them together. Where writers disagree, Go's
 * archive/tar is followed: what builds images reads them so. In rlc-image.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct err;

enum {
	TAR_BLOCK = 512,
	TAR_PAX_MAX = 1 << 20, /* bytes of all records of one entry */
	TAR_XATTR_MAX = 64 << 10,
	TAR_XATTRS_MAX = 256,
	TAR_SPANS_MAX = 1 << 16,
};

/* A piece of a sparse file that is there; what lies between is a hole. */
struct tar_span {
	uint64_t offset, size;
};

struct tar_spans {
	struct tar_span *v;
	size_t n;
};

/* One header block. Ids and sizes are as they stand: whether they fit is the reader's question. */
struct tar_header {
	char type; /* '0', '5', 'x', …; NUL of old archives is '0' already */
	char name[257], link[101];
	uint64_t uid, gid, size;
	uint32_t mode, major, minor;
	int64_t mtime;
	/* Old GNU sparse, type 'S'. */
	uint64_t real_size;
	bool extended; /* further spans in the block that follows */
};

/* Whether the block is all zeros: the end mark. */
bool tar_block_is_zero(const unsigned char *block);
/*
 * Checksum, numbers and names of a block of TAR_BLOCK bytes. Spans of an old sparse entry are
 * appended to *spans (its owner frees).
 */
int tar_header_parse(const unsigned char *block, struct tar_header *ret, struct tar_spans *spans,
		     struct err *e);
/* The block after an old sparse header: 21 more spans. */
int tar_sparse_block_parse(const unsigned char *block, struct tar_spans *spans, bool *ret_extended,
			   struct err *e);

struct tar_xattr {
	char *name; /* "user.foo" */
	unsigned char *value;
	size_t n;
};

/* What pax records say; has_* and NULL tell what they do not say. */
struct tar_pax {
	char *path, *link;
	bool has_size, has_uid, has_gid, has_mtime, has_real_size;
	uint64_t size, uid, gid, real_size;
	struct timespec mtime;
	struct tar_xattr *xattrs;
	size_t n_xattrs;
	/* GNU.sparse.* */
	char *sparse_name;
	int64_t sparse_major, sparse_minor; /* -1: not said */
	struct tar_spans spans;		    /* formats 0.0 and 0.1 */
	bool has_offset;		    /* 0.0: an offset waits for its numbytes */
	bool is_sparse;
};

/* The body of an 'x' entry. On -1 *ret holds nothing. */
int tar_pax_parse(const char *bytes, size_t n, struct tar_pax *ret, struct err *e);
void tar_pax_free(struct tar_pax *p);
/*
 * The map that stands before the data of a sparse 1.0 file: decimal lines. Returns 1 when it is
 * complete, 0 when more bytes are needed, -1 on error. *spans is replaced.
 */
int tar_sparse_map_parse(const char *bytes, size_t n, struct tar_spans *spans, struct err *e);
/* Whether the spans rise, do not overlap, end within real_size and hold `packed` bytes together. */
int tar_spans_check(const struct tar_spans *spans, uint64_t real_size, uint64_t packed,
		    struct err *e);
void tar_spans_free(struct tar_spans *spans);
