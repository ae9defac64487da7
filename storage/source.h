/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where rlc-image gets an image from: a seekable archive it was handed, a folder that rlc opens for
 * it file by file, or a repository that rlc-fetch reads for it. It never holds a folder of the
 * host, which ".." would lead out of. In rlc-image.
 */
#pragma once
#include "storage/fetch_wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct shelf;
struct source;
struct stream;

/* fd: an archive, plain or compressed, or a pipe of one: what cannot seek is spooled first. */
struct source *source_archive(int fd, const char *name, const struct shelf *shelf, struct err *e);
/* sock: rlc answers on it, see folder_serve() in storage/folder.h. */
struct source *source_folder(int sock, const char *name);
/* sock: rlc-fetch answers on it, see storage/fetch_ask.h. Has no files but what has a digest. */
struct source *source_registry(int sock, const char *name);
void source_free(struct source *s);
const char *source_name(const struct source *s);
/*
 * A stream of what has that digest ("sha256:HEX"), of any source; several may be read at once. A
 * registry gives at most max bytes, files are as long as they are. Nothing is verified.
 */
int source_open_digest(struct source *s, enum fetch_kind kind, const char *digest, uint64_t max,
		       struct stream **ret, struct err *e);
/* All of it, at most max bytes, NUL-ended, owned by the caller. */
int source_read_digest(struct source *s, enum fetch_kind kind, const char *digest, size_t max,
		       char **ret, size_t *ret_len, struct err *e);
/*
 * A registry's manifest by tag or digest, the same way. *ret_head: what the registry says of it.
 */
int source_read_manifest(struct source *s, const char *what, size_t max,
			 struct fetch_head *ret_head, char **ret, size_t *ret_len, struct err *e);
/* Ends what waits for the network, in other threads too. */
void source_cancel(struct source *s);
/* Whether it holds a file of that name. */
bool source_has(struct source *s, const char *name);
/* A stream of the file `name`, which must not outlive the source. */
int source_open(struct source *s, const char *name, struct stream **ret, uint64_t *ret_size,
		struct err *e);
/* The whole file, at most max bytes, NUL-ended, owned by the caller. */
int source_read(struct source *s, const char *name, size_t max, char **ret, size_t *ret_len,
		struct err *e);
