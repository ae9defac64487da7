/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's log in the format that Kubernetes' kubelet and podman's k8s-file driver have:
 *	2026-01-01T00:00:00.000000000+00:00 stdout F line
 * F: the line ended here; P: it goes on in the next entry of that stream. The text is bytes, only a
 * newline ends it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum log_stream { LOG_STDOUT, LOG_STDERR };

/* One entry as it lies in a buffer. */
struct log_entry {
	int64_t time_ns; /* since 1970 */
	enum log_stream stream;
	bool partial;
	const char *text; /* not ended by NUL */
	size_t len;
};

/*
 * Appends bytes as entries, all with the same time, by one write(2). -1 with errno (ENOSPC): then
 * the bytes may be missing from the log or stand there in part.
 */
int log_file_write(int fd, enum log_stream stream, struct timespec now, const void *bytes,
		   size_t n);
/*
 * Reads the entry at the start of buf (pure; fuzzed). Returns its length with the newline; 0 when
 * no whole line is there; -1 when the line is no entry (then skip to behind its newline).
 */
ssize_t log_entry_parse(const char *buf, size_t n, struct log_entry *ret);
/* "2026-01-01T00:00:00.000000000+00:00"; buf of at least 40 bytes. */
void log_time_format(char *buf, size_t room, struct timespec t);
/*
 * RFC 3339 with up to nine decimals and Z or an offset; n bytes that must be used up. false: not a
 * time. From 1970 to 2261.
 */
bool log_time_parse(const char *text, size_t n, int64_t *ret_ns);
