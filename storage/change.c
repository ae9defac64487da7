/* SPDX-License-Identifier: Apache-2.0 */
/* Reads changes to an image's configuration; pure, in rlc. */
#include "storage/change.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

/* ["a", "b"] as it is; anything else is a line for the shell, as a Dockerfile has it. */
static int set_command(struct json_object *o, const char *key, const char *value, struct err *e)
{
	auto_json struct json_object *list = NULL;
	auto_strv struct strv words = {0};

	if (*value == '[') {
		if (json_parse(value, strlen(value), key, &list, e) < 0)
			return -1;
		for (size_t i = 0; i < json_object_array_length(list); i++)
			if (!json_object_is_type(json_object_array_get_idx(list, i),
						 json_type_string))
				return err_msg(e, "%s: a list of strings is wanted", key);
		json_object_object_add(o, key, take_ptr(list));
		return 0;
	}
	strv_add(&words, "/bin/sh");
	strv_add(&words, "-c");
	strv_add(&words, value);
	json_add_strv(o, key, &words);
	return 0;
}

static int add_env(struct json_object *o, const char *key, const char *value, struct err *e)
{
	auto_strv struct strv all = {0};

	if (!strchr(value, '=') || *value == '=')
		return err_msg(e, "ENV %s: K=V is wanted", value);
	if (json_get_strv(o, key, &all, e) < 0)
		return -1;
	strv_env_set(&all, value);
	json_object_object_del(o, key);
	json_add_strv(o, key, &all);
	return 0;
}

static int add_label(struct json_object *o, const char *key, const char *value, struct err *e)
{
	size_t n = strcspn(value, "=");
	auto_free char *name = xstrndup(value, n);
	struct json_object *labels = NULL;

	if (!value[n] || !n)
		return err_msg(e, "LABEL %s: K=V is wanted", value);
	if (json_get_object(o, key, &labels, e) < 0)
		return -1;
	if (!labels)
		labels = json_add_object(o, key);
	json_object_object_del(labels, name);
	json_add_str(labels, name, value + n + 1);
	return 0;
}

/* One port of an EXPOSE: "80", "53/udp", "8000-8010/tcp". */
static bool is_port(const char *text)
{
	static const char *const protocols[] = {"tcp", "udp", "sctp"};
	const char *slash = strchr(text, '/');
	auto_free char *from = xstrndup(text, slash ? (size_t)(slash - text) : strlen(text));
	char *to = strchr(from, '-');
	int64_t first, last;
	bool known = !slash;

	if (to)
		*to++ = '\0';
	for (size_t i = 0; slash && i < array_len(protocols); i++)
		known |= strcmp(slash + 1, protocols[i]) == 0;
	return known && str_to_i64(from, 1, UINT16_MAX, &first) &&
	       (!to || str_to_i64(to, first, UINT16_MAX, &last));
}

/* A set of "PORT/PROTOCOL": image-spec config.md. */
static int add_ports(struct json_object *o, const char *key, const char *value, struct err *e)
{
	auto_strv struct strv list = {0};
	struct json_object *ports = NULL;

	if (json_get_object(o, key, &ports, e) < 0)
		return -1;
	if (!ports)
		ports = json_add_object(o, key);
	strv_split(&list, value, " ");
	for (size_t i = 0; i < list.n; i++) {
		auto_free char *name =
		    xasprintf("%s%s", list.v[i], strchr(list.v[i], '/') ? "" : "/tcp");

		if (!is_port(name))
			return err_msg(e, "EXPOSE %s: PORT or PORT/udp is wanted", list.v[i]);
		json_object_object_add(ports, name, json_object_new_object());
	}
	return 0;
}

static int set_text(struct json_object *o, const char *key, const char *value, struct err *e)
{
	if (!*value)
		return err_msg(e, "%s: an empty value", key);
	json_object_object_del(o, key);
	json_add_str(o, key, value);
	return 0;
}

static const struct {
	const char *word, *key;
	int (*apply)(struct json_object *o, const char *key, const char *value, struct err *e);
} words[] = {
    {"CMD", "Cmd", set_command},
    {"ENTRYPOINT", "Entrypoint", set_command},
    {"ENV", "Env", add_env},
    {"LABEL", "Labels", add_label},
    {"EXPOSE", "ExposedPorts", add_ports},
    {"USER", "User", set_text},
    {"WORKDIR", "WorkingDir", set_text},
};

static int apply(struct json_object *o, const char *change, struct err *e)
{
	size_t n = strcspn(change, " ");
	const char *value = change + n + strspn(change + n, " ");

	for (size_t i = 0; i < array_len(words); i++)
		if (strlen(words[i].word) == n && strncmp(words[i].word, change, n) == 0)
			return words[i].apply(o, words[i].key, value, e) < 0
				   ? err_ctx(e, "change \"%s\"", change)
				   : 0;
	err_msg(e, "\"%s\" is not a change", change);
	return err_hint(e, "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER or WORKDIR and a value");
}

int changes_to_json(const struct strv *changes, char **ret, struct err *e)
{
	auto_json struct json_object *o = json_object_new_object();

	for (size_t i = 0; changes && i < changes->n; i++)
		if (apply(o, changes->v[i], e) < 0)
			return -1;
	*ret = xstrdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
	return 0;
}
