/* SPDX-License-Identifier: Apache-2.0 */
/* record.json and state.json as text: pure functions, fuzzed. */
#pragma once
#include "lib/state/record.h"

enum { RECORD_ID_LEN = 64 };

/* "created", "running", "exited", "paused": podman's words. */
const char *record_status_name(enum record_status status);
/* 64 lower-case hex digits. */
bool record_id_is_valid(const char *id);

/* Text owned by the caller. */
char *record_format(const struct record *r);
char *record_state_format(const struct record_state *s);
/*
 * name (the file's path) is for the error, which gives the remedy too. A format newer than
 * RECORD_FORMAT is refused. -1 leaves *ret untouched.
 */
int record_parse(const char *text, size_t n, const char *name, struct record *ret, struct err *e);
int record_state_parse(const char *text, size_t n, const char *name, struct record_state *ret,
		       struct err *e);
/* Whether the text is of a format this rlc does not know: to be left alone. */
bool record_is_newer(const char *text, size_t n);
