/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rlc-image and rlc-fetch write on their stderr. Either may have been taken over: it never
 * holds the user's terminal, where it could write escape sequences, or type (TIOCSTI). It gets a
 * pipe, and rlc shows what comes. In rlc.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct err;

enum {
	NOTICES_LINE = 2048,	 /* bytes; a longer one is shown in pieces */
	NOTICES_MAX = 64 * 1024, /* of all that a process may say */
};

struct notices {
	const char *program;
	int pipe; /* to poll for reading; -1: it is at its end */
	char line[NOTICES_LINE];
	size_t len;  /* of the line that still grows */
	size_t said; /* bytes */
};

/* Returns the writing end, for the child's descriptor 2. program: a literal. */
int notices_open(struct notices *n, const char *program, struct err *e);
/* Shows what has come, without waiting. */
void notices_relay(struct notices *n);
/* The writer is gone, or does not matter any more: shows what is left, and closes. */
void notices_end(struct notices *n);
