/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of D-Bus (D-Bus Specification 0.38, "Message Protocol"): made and read by pure
 * functions, as far as one method call and the signal that answers it need. In the byte order of
 * this machine alone: both ends of a unix socket have the same.
 */
#pragma once
#include "lib/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bus_type { BUS_CALL = 1, BUS_RETURN = 2, BUS_ERROR = 3, BUS_SIGNAL = 4 };

/* Larger ones are refused, the specification allows 128 MiB. */
enum { BUS_MESSAGE_MAX = 65536 };

/* A message that was read; texts point into it, and are "" where a field is missing. */
struct bus_message {
	enum bus_type type;
	uint32_t reply_serial;
	const char *path, *interface, *member, *error_name, *sender, *signature;
	const uint8_t *body;
	size_t body_size;
};

/*
 * Reads the first message of n bytes. Its whole length; 0 when there is only a part of it; -1 when
 * it is none, is longer than BUS_MESSAGE_MAX, or has the other byte order.
 */
long bus_message_parse(const uint8_t *bytes, size_t n, struct bus_message *ret);

/* Reads a body from its begin on. What does not fit the bytes is false, and *at stays. */
bool bus_read_u32(const struct bus_message *m, size_t *at, uint32_t *ret);
bool bus_read_text(const struct bus_message *m, size_t *at, const char **ret);

/* ---- writing: a body begins at a multiple of 8, so that alignment is the same as alone ---- */

void bus_add_u32(struct str *body, uint32_t value);
/* Also an object path. */
void bus_add_text(struct str *body, const char *text);
void bus_add_signature(struct str *body, const char *text);
/* "(sv)" with a text, a boolean or a list of one number, as properties of a unit are. */
void bus_add_text_property(struct str *body, const char *name, const char *value);
void bus_add_bool_property(struct str *body, const char *name, bool value);
void bus_add_u32_list_property(struct str *body, const char *name, uint32_t value);
/* An array: what is added in between are its elements, of that alignment (1, 4, 8). */
size_t bus_begin_array(struct str *body, size_t alignment);
void bus_end_array(struct str *body, size_t begun, size_t alignment);

/* What a call is for; signature and body belong together. */
struct bus_call {
	const char *destination, *path, *interface, *member, *signature;
};
/* The whole message, appended to *to, which must be empty or end at a multiple of 8. */
void bus_add_call(struct str *to, uint32_t serial, const struct bus_call *call,
		  const struct str *body);
