/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a tar as it streams by: ustar, pax (with SCHILY.xattr.*), GNU long names and base-256
 * numbers, sparse files in GNU's four formats. In rlc-image.
 */
#pragma once
#include "storage/tar_header.h"

#include <sys/types.h>

struct stream;
struct tar;

enum {
	TAR_PATH_MAX = 4096,
	TAR_COMPONENT_MAX = 255,
	TAR_PRELUDES_MAX = 64,	     /* headers about one entry; writers put four there */
	TAR_TRAILING_MAX = 16 << 20, /* bytes behind the end mark; writers fill up a tape's block */
};

enum tar_type {
	TAR_FILE,
	TAR_HARDLINK,
	TAR_SYMLINK,
	TAR_CHAR,
	TAR_BLOCK_DEVICE,
	TAR_FOLDER,
	TAR_FIFO,
};

struct tar_entry {
	enum tar_type type;
	char *path; /* as written, at most TAR_PATH_MAX bytes: may be absolute or hold ".." */
	char *link; /* target of a link, same */
	uint64_t uid, gid;
	mode_t mode; /* permission bits with setuid, setgid, sticky */
	struct timespec mtime;
	uint64_t size;	 /* of the file when it is made, holes included */
	uint64_t packed; /* bytes of it in the tar */
	uint64_t data;	 /* where they begin in the tar */
	bool is_sparse;
	const struct tar_xattr *xattrs;
	size_t n_xattrs;
};

/* Reads from source, which must outlive it. */
struct tar *tar_new(struct stream *source);
/*
 * The next entry, valid until the next call; data of the one before is passed over. Returns 1,
 * 0 at the end of the archive, -1 on damage.
 */
int tar_next(struct tar *t, const struct tar_entry **ret, struct err *e);
/*
 * The next bytes of the current file and where in it they belong. Returns how many, 0 at its end,
 * -1 on error.
 */
ssize_t tar_read(struct tar *t, uint64_t *ret_offset, const unsigned char **ret, struct err *e);
/*
 * Reads source to its end, so that its digest is complete; what a bomb puts there is not read. -1
 * on error.
 */
int tar_drain(struct tar *t, struct err *e);
void tar_free(struct tar *t);
/*
 * A path of an entry or hard link as one beneath the root: "./a//b/" and "/a/b" become "a/b", the
 * root itself ".". Refuses "..", and what is too long. Owned by the caller.
 */
int tar_path_clean(const char *path, char **ret, struct err *e);
