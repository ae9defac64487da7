/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes on their way between a container and its caller: one way each, through a buffer of fixed
 * size. A reader that is slow slows its writer down, and nothing else.
 */
#pragma once
#include "cmd/launch/log_file.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* One end of a way. */
struct relay_end {
	int fd;		/* -1: closed, or none */
	bool own;	/* closed with the way */
	bool may_block; /* a description shared with others, which O_NONBLOCK would surprise */
};

struct relay {
	struct relay_end from, to;
	bool logged;
	enum log_stream stream;
	char *buf;
	size_t start, len;
};

/* An end of the container's: ours alone, made non-blocking. -1 gives a closed end. */
struct relay_end relay_inner_end(int fd);
/*
 * Our own stdio, which other processes share: a description of our own where the kernel gives one
 * (a pipe, a terminal), else writes that fit what poll(2) has promised.
 */
struct relay_end relay_outer_end(int fd, int flags);

/* What to wait for: p[0] for `from`, p[1] for `to`. */
void relay_poll(const struct relay *r, struct pollfd p[2]);
/* Writes what is buffered. A `to` that fails is closed: later bytes are logged and dropped. */
void relay_flush(struct relay *r);
/*
 * Reads once, as far as there is room; the log gets its copy here. Returns whether there was
 * something; false closes `from` at its end, and with `last` also when it is empty.
 */
bool relay_fill(struct relay *r, int log_fd, bool last);
/* Nothing more will come out. */
bool relay_is_done(const struct relay *r);
/* Nobody wants what comes from there any more. */
void relay_close_from(struct relay *r);
/* Gives up both ends, what is owned is closed. */
void relay_close(struct relay *r);
