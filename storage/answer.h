/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How rlc-image speaks to rlc: one letter on a pipe, then either JSON ('J') or a struct err ('E').
 * Used on both sides.
 */
#pragma once

struct err;
struct json_object;

/* In rlc-image, and in rlc's child that is to become it. Best effort: the pipe is all there is. */
void answer_send(int pipe, struct json_object *o);
void answer_send_error(int pipe, const struct err *e);
/*
 * In rlc: reads up to the end of file. 0: *ret is the answer (owned by the caller), -1: *e is
 * what rlc-image told, made visible as below, or that it told nothing.
 */
int answer_read(const char *bytes, unsigned long n, struct json_object **ret, struct err *e);
/*
 * A struct err of another process, that may have been broken: what a terminal would obey (C0, C1,
 * what is not UTF-8) is made visible as str_add_visible() does it. Everything that rlc-image and
 * rlc-fetch tell of failures comes through here, what they write on stderr through notices.h.
 */
void answer_read_error(const void *bytes, struct err *e);
