/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a start that may take seconds, since the root is copied. In the host process. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct err;

struct slow_start {
	const char *image;    /* as it is called */
	uint64_t size;	      /* bytes that are copied */
	const char *no_other; /* why it is a copy, or NULL: it was asked for */
	bool watched;	      /* by a person, at a terminal: else nothing is said */
};

/*
 * Waits until `report` can be read or is at its end. After a second it says what takes so
 * long.
 * INT, TERM, HUP and QUIT, which the caller blocks, end it unless they are ignored: then -1, with
 * 128 plus the signal's number in e->exit.
 */
int slow_start_wait(const struct slow_start *s, int report, struct err *e);
