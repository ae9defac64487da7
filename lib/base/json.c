/* SPDX-License-Identifier: Apache-2.0 */
/* A strict face for json-c: images, records and profiles are read through it. */
#include "lib/base/json.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/strv.h"

#include <limits.h>

void json_put(struct json_object **j)
{
	json_object_put(*j);
	*j = NULL;
}

static int syntax_error(const char *text, size_t at, const char *name, const char *why,
			struct err *e)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return err_msg(e, "%s:%zu:%zu: not valid JSON: %s", name, line, column, why);
}

/* About the bytes that json-c takes for what begins or ends there: "{}" costs 300 times its text.
 */
static size_t weight(char c)
{
	switch (c) {
	case '{':
		return 768;
	case '[':
		return 384;
	case ',':
		return 160;
	default:
		return 0;
	}
}

/* Whether a stranger's text would become more than JSON_MEMORY_MAX. */
static bool is_heavy(const char *text, size_t n)
{
	size_t sum = n;
	bool quoted = false;

	for (size_t i = 0; i < n && sum <= JSON_MEMORY_MAX; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (quoted)
			i += text[i] == '\\';
		else
			sum += weight(text[i]);
	}
	return sum > JSON_MEMORY_MAX;
}

int json_parse(const char *text, size_t n, const char *name, struct json_object **ret,
	       struct err *e)
{
	struct json_tokener *t = n > INT_MAX || is_heavy(text, n) ? NULL : json_tokener_new_ex(64);
	struct json_object *j;
	enum json_tokener_error why;
	size_t end;

	if (!t)
		return err_msg(e, "%s: too large for JSON", name);
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	j = json_tokener_parse_ex(t, text, (int)n);
	why = json_tokener_get_error(t);
	end = json_tokener_get_parse_end(t);
	json_tokener_free(t);
	if (why != json_tokener_success || !j) {
		json_object_put(j);
		return syntax_error(text, end, name,
				    why == json_tokener_continue  ? "it ends too early"
				    : why == json_tokener_success ? "null"
								  : json_tokener_error_desc(why),
				    e);
	}
	while (end < n &&
	       (text[end] == ' ' || text[end] == '\t' || text[end] == '\n' || text[end] == '\r'))
		end++;
	if (end < n) {
		json_object_put(j);
		return syntax_error(text, end, name, "something follows the value", e);
	}
	*ret = j;
	return 0;
}

/* 1: there, of the wanted type; 0: absent; -1: another type. */
static int member(struct json_object *o, const char *key, enum json_type type,
		  struct json_object **ret, struct err *e)
{
	struct json_object *v = NULL;

	if (!json_object_is_type(o, json_type_object))
		return err_msg(e, "an object was expected where \"%s\" is looked up", key);
	if (!json_object_object_get_ex(o, key, &v) || !v)
		return 0;
	if (!json_object_is_type(v, type))
		return err_msg(e, "\"%s\" is a %s, not a %s", key,
			       json_type_to_name(json_object_get_type(v)), json_type_to_name(type));
	*ret = v;
	return 1;
}

int json_get_str(struct json_object *o, const char *key, const char **ret, struct err *e)
{
	struct json_object *v = NULL;
	int there = member(o, key, json_type_string, &v, e);

	if (there <= 0)
		return there;
	/* An embedded NUL would make C see another text than the signer of the document. */
	if (strlen(json_object_get_string(v)) != (size_t)json_object_get_string_len(v))
		return err_msg(e, "\"%s\" holds a NUL byte", key);
	*ret = json_object_get_string(v);
	return 0;
}

int json_copy_str(struct json_object *o, const char *key, char **ret, struct err *e)
{
	const char *v = NULL;

	if (json_get_str(o, key, &v, e) < 0)
		return -1;
	/* Docker writes "" where it means that nothing is set. */
	if (v && *v)
		xstr_set(ret, v);
	return 0;
}

int json_get_i64(struct json_object *o, const char *key, int64_t *ret, struct err *e)
{
	struct json_object *v = NULL;
	int there = member(o, key, json_type_int, &v, e);

	if (there > 0)
		*ret = json_object_get_int64(v);
	return there < 0 ? -1 : 0;
}

int json_get_bool(struct json_object *o, const char *key, bool *ret, struct err *e)
{
	struct json_object *v = NULL;
	int there = member(o, key, json_type_boolean, &v, e);

	if (there > 0)
		*ret = json_object_get_boolean(v);
	return there < 0 ? -1 : 0;
}

int json_get_object(struct json_object *o, const char *key, struct json_object **ret, struct err *e)
{
	return member(o, key, json_type_object, ret, e) < 0 ? -1 : 0;
}

int json_get_array(struct json_object *o, const char *key, struct json_object **ret, struct err *e)
{
	return member(o, key, json_type_array, ret, e) < 0 ? -1 : 0;
}

int json_get_strv(struct json_object *o, const char *key, struct strv *ret, struct err *e)
{
	struct json_object *list = NULL;

	if (json_get_array(o, key, &list, e) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string) ||
		    strlen(json_object_get_string(item)) !=
			(size_t)json_object_get_string_len(item))
			return err_msg(e, "\"%s\"[%zu] is not a plain string", key, i);
		strv_add(ret, json_object_get_string(item));
	}
	return 0;
}

void json_add_str(struct json_object *o, const char *key, const char *value)
{
	if (value)
		json_object_object_add(o, key, json_object_new_string(value));
}

void json_add_i64(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

void json_add_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

struct json_object *json_add_object(struct json_object *o, const char *key)
{
	struct json_object *child = json_object_new_object();

	json_object_object_add(o, key, child);
	return child;
}

struct json_object *json_add_array(struct json_object *o, const char *key)
{
	struct json_object *child = json_object_new_array();

	json_object_object_add(o, key, child);
	return child;
}

void json_add_strv(struct json_object *o, const char *key, const struct strv *value)
{
	struct json_object *list = json_add_array(o, key);

	for (size_t i = 0; i < value->n; i++)
		json_object_array_add(list, json_object_new_string(value->v[i]));
}

const char *json_text(struct json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
						     JSON_C_TO_STRING_NOSLASHESCAPE);
}
