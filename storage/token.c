/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what token servers and registries answer in JSON; in rlc-fetch. */
#include "storage/token.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"

enum { SHOWN = 200 };

static bool is_visible(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

int token_parse(const char *text, size_t n, struct token *ret, struct err *e)
{
	static const char *const names[] = {"token", "access_token"};
	auto_json struct json_object *o = NULL;
	const char *found = NULL;
	int64_t life = 0;

	if (json_parse(text, n, "its answer", &o, e) < 0)
		return -1;
	for (size_t i = 0; i < array_len(names) && !(found && *found); i++)
		if (json_get_str(o, names[i], &found, e) < 0)
			return err_ctx(e, "its answer");
	if (json_get_i64(o, "expires_in", &life, e) < 0)
		return err_ctx(e, "its answer");
	if (!found || !*found)
		return err_msg(e, "its answer holds no token");
	if (!is_visible(found) || strlen(found) > TOKEN_MAX)
		return err_msg(e, "its answer holds a token that cannot be sent in a header");
	ret->text = xstrdup(found);
	ret->life = life < TOKEN_LIFE ? TOKEN_LIFE : (uint64_t)life;
	return 0;
}

void token_free(struct token *t)
{
	free(t->text);
	*t = (struct token){0};
}

/* The first of "errors", or NULL; it belongs to o. */
static struct json_object *first_error(struct json_object *o)
{
	struct json_object *list = NULL;
	struct err ignored;

	/* What says nothing understandable is told by its status alone. */
	if (json_get_array(o, "errors", &list, &ignored) < 0 || !list ||
	    json_object_array_length(list) == 0)
		return NULL;
	return json_object_array_get_idx(list, 0);
}

void registry_error_text(const char *text, size_t n, struct str *ret)
{
	auto_json struct json_object *o = NULL;
	struct json_object *error = NULL;
	const char *code = NULL, *message = NULL;
	auto_str struct str shown = {0};
	struct err ignored;

	if (json_parse(text, n, "", &o, &ignored) < 0)
		return;
	error = first_error(o);
	if (!error || json_get_str(error, "code", &code, &ignored) < 0 ||
	    json_get_str(error, "message", &message, &ignored) < 0)
		return;
	if (code)
		str_add_visible(&shown, code);
	if (code && message)
		str_add(&shown, ": ");
	if (message)
		str_add_visible(&shown, message);
	str_addn(ret, str_get(&shown), shown.len < SHOWN ? shown.len : SHOWN);
}
