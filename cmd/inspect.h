/* SPDX-License-Identifier: Apache-2.0 */
/* What `rlc inspect` prints of one thing, in the shape and with the keys of podman inspect. */
#pragma once
#include <stdint.h>

struct err;
struct dirs;
struct image;
struct json_object;
struct record;
struct record_state;

/* config: the text of config.json, or NULL. The result is owned by the caller. */
int inspect_container(const struct record *r, const struct record_state *s, const char *config,
		      struct json_object **ret, struct err *e);
/* Reads the store for the image's other names. */
int inspect_image(const struct dirs *d, const struct image *image, struct json_object **ret,
		  struct err *e);
/* "2026-01-01T00:00:00.5Z" with nine decimals; 0 is podman's "never". */
void inspect_add_time(struct json_object *o, const char *key, int64_t ns);
