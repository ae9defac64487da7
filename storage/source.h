/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where rlc-image gets an image from: a seekable archive it was handed, or a folder that rlc opens
 * for it file by file. It never holds a folder of the host, which ".." would lead out of. In
 * rlc-image.
 */
#pragma once
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
void source_free(struct source *s);
const char *source_name(const struct source *s);
/* Whether it holds a file of that name. */
bool source_has(struct source *s, const char *name);
/* A stream of the file `name`, which must not outlive the source. */
int source_open(struct source *s, const char *name, struct stream **ret, uint64_t *ret_size,
		struct err *e);
/* The whole file, at most max bytes, NUL-ended, owned by the caller. */
int source_read(struct source *s, const char *name, size_t max, char **ret, size_t *ret_len,
		struct err *e);
