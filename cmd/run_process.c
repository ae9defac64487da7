/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of what describes the process: entry point, folder, user, groups, umask, signal. */
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/path.h"
#include "lib/kernel/signal_name.h"

/* Whether value is a JSON array of strings. What is not one is a program: "[" is such. */
static bool parse_words(const char *value, struct strv *words)
{
	auto_json struct json_object *list = NULL;
	struct err e;

	if (value[0] != '[' || json_parse(value, strlen(value), "", &list, &e) < 0)
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string))
			return false;
		strv_add(words, json_object_get_string(item));
	}
	return true;
}

int run_set_entrypoint(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	(void)e; /* every text is a program's name, if no better */
	strv_free(&r->spec.entrypoint);
	if (!parse_words(value, &r->spec.entrypoint)) {
		strv_free(&r->spec.entrypoint);
		if (*value)
			strv_add(&r->spec.entrypoint, value);
	}
	r->spec.has_entrypoint = true;
	return 0;
}

int run_set_workdir(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	if (value[0] != '/') {
		err_msg(e, "not an absolute path");
		return err_hint(e, "write a folder of the container from \"/\" on");
	}
	free(r->spec.workdir);
	r->spec.workdir = path_clean(value);
	return 0;
}

int run_set_stop_signal(const struct option_row *row, void *to, const char *value, struct err *e)
{
	if (signal_number(value) <= 0) {
		err_msg(e, "no such signal");
		return err_hint(e, "write a name or a number, as in TERM, SIGINT, 15");
	}
	return option_set_text(row, to, value, e);
}

int run_set_user(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	size_t n = strcspn(value, ":");

	(void)row;
	if (!n || (value[n] && (!value[n + 1] || strchr(value + n + 1, ':')))) {
		err_msg(e, "not of the form USER[:GROUP]");
		return err_hint(e, "write a name or a number, as in --user 1000:1000");
	}
	xstr_set(&r->spec.user, value);
	return 0;
}

int run_set_group_add(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	if (!*value || strchr(value, ':')) {
		err_msg(e, "not the name or number of a group");
		return err_hint(e, "write --group-add GROUP, once for each");
	}
	if (strcmp(value, "keep-groups") == 0) {
		err_msg(e, "this version does not keep the caller's groups");
		return err_hint(e, "give the file to a group of the container, or mount it");
	}
	strv_add(&r->spec.group_add, value);
	return 0;
}

int run_set_umask(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;
	size_t n = strlen(value);

	(void)row;
	if (!n || n > 4 || strspn(value, "01234567") != n || (n == 4 && value[0] != '0')) {
		err_msg(e, "not an octal number up to 0777");
		return err_hint(e, "write an octal number such as 0022");
	}
	r->spec.umask = (int)strtol(value, NULL, 8);
	return 0;
}
