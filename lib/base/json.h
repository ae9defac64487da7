/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON with the same care everywhere: a value of the wrong type is an error, never NULL. */
#pragma once
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct strv;

#define auto_json __attribute__((cleanup(json_put)))
void json_put(struct json_object **j);

/* A text that would take more memory than this, counted roughly, is not parsed. */
enum { JSON_MEMORY_MAX = 128 << 20 };

/* Parses exactly one value (depth ≤ 64); name is for the error, which gives line and column. */
int json_parse(const char *text, size_t n, const char *name, struct json_object **ret,
	       struct err *e);
/*
 * Members of an object. A missing member (or null) leaves *ret as it was and returns 0; a member
 * of another type returns -1 and the error names the key. Strings belong to the object.
 */
int json_get_str(struct json_object *o, const char *key, const char **ret, struct err *e);
/* The same into *ret, which is owned (freed and replaced); "" is as good as a missing member. */
int json_copy_str(struct json_object *o, const char *key, char **ret, struct err *e);
int json_get_i64(struct json_object *o, const char *key, int64_t *ret, struct err *e);
int json_get_bool(struct json_object *o, const char *key, bool *ret, struct err *e);
int json_get_object(struct json_object *o, const char *key, struct json_object **ret,
		    struct err *e);
int json_get_array(struct json_object *o, const char *key, struct json_object **ret, struct err *e);
/* An array of strings, appended to *ret. */
int json_get_strv(struct json_object *o, const char *key, struct strv *ret, struct err *e);

/* As every command prints it: indented, a blank behind colons. Belongs to o. */
const char *json_text(struct json_object *o);

/* Building: NULL values are left out. */
void json_add_str(struct json_object *o, const char *key, const char *value);
void json_add_i64(struct json_object *o, const char *key, int64_t value);
void json_add_bool(struct json_object *o, const char *key, bool value);
void json_add_strv(struct json_object *o, const char *key, const struct strv *value);
/* Adds a new object or array under key and returns it (owned by o). */
struct json_object *json_add_object(struct json_object *o, const char *key);
struct json_object *json_add_array(struct json_object *o, const char *key);
