/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source of bytes that is read once, front to back. Filters (hash, decompressor, thread) are
 * streams over streams, so a layer is a chain: file, verify, inflate, verify, tar. In rlc-image.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct stream {
	/*
	 * Points *ret at the next bytes, which stay valid until the next call. Returns how many
	 * (at least 1), 0 at the end and every time after it, -1 on error.
	 */
	ssize_t (*next)(struct stream *s, const unsigned char **ret, struct err *e);
	/* Frees s and the stream that it reads from. */
	void (*free)(struct stream *s);
	/* Passes over n bytes without reading them; NULL where they must be read. */
	void (*skip)(struct stream *s, uint64_t n);
};

#define auto_stream __attribute__((cleanup(stream_free_)))
void stream_free(struct stream *s);
void stream_free_(struct stream **s);

/* n bytes of a file from `offset` on, by pread(2): several may share one descriptor (not owned). */
struct stream *stream_region(int fd, uint64_t offset, uint64_t n, const char *name);
/* The same; fd is closed with the stream. */
struct stream *stream_file(int fd, uint64_t n, const char *name);
/* All that read(2) gives until the end of file; fd is not owned. For pipes too. */
struct stream *stream_fd(int fd, const char *name);
/* For parsers of what lies in memory; bytes are not copied. */
struct stream *stream_memory(const void *bytes, size_t n);
/*
 * Reads its source in a thread of its own, up to 2 MiB ahead: each stage of a chain then runs on
 * a processor of its own.
 */
struct stream *stream_ahead(struct stream *source);
/* Writes a whole stream to a file. Returns 0, or -1. *ret_size: bytes written. */
int stream_copy(struct stream *s, int fd, uint64_t max, const char *name, uint64_t *ret_size,
		struct err *e);
