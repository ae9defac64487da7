/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc info`: what rlc found on this host, for people and for scripts. */
#include "cmd/check.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/info_facts.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/json.h"
#include "lib/base/str.h"

struct info_request {
	bool json;
};

static const struct option_row info_rows[] = {
    {"json", .group = "Options", .help = "Print JSON",
     .at = option_at(struct info_request, json, bool), .set = option_set_bool},
};

const struct option_set info_options = {
    .program = "rlc info",
    .rows = info_rows,
    .n_rows = array_len(info_rows),
    .outer = &global_options,
};

static void format_scalar(struct str *to, struct json_object *v)
{
	str_add_visible(to, json_object_get_string(v));
}

/* On one line: "a, b", and a list of objects as "key 1 other 2, key 3 other 4". */
static void format_list(struct str *to, struct json_object *list)
{
	if (json_object_array_length(list) == 0)
		str_add(to, "none");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		const char *gap = "";

		str_add(to, i ? ", " : "");
		if (!json_object_is_type(item, json_type_object)) {
			format_scalar(to, item);
			continue;
		}
		json_object_object_foreach(item, key, value)
		{
			str_addf(to, "%s%s ", gap, key);
			format_scalar(to, value);
			gap = " ";
		}
	}
}

/* The same tree as the JSON, indented. */
static void format_object(struct str *to, struct json_object *o, int depth)
{
	json_object_object_foreach(o, key, value)
	{
		str_addf(to, "%*s%s:", depth * 2, "", key);
		if (json_object_is_type(value, json_type_object)) {
			str_add(to, "\n");
			format_object(to, value, depth + 1);
			continue;
		}
		str_add(to, " ");
		if (json_object_is_type(value, json_type_array))
			format_list(to, value);
		else
			format_scalar(to, value);
		str_add(to, "\n");
	}
}

int cmd_info(struct context *c, int argc, char **argv, struct err *e)
{
	auto_free struct check_host *h = xcalloc(1, sizeof(*h));
	auto_json struct json_object *j = NULL;
	struct info_request request = {0};
	auto_str struct str text = {0};

	if (command_parse(c, argc, argv, &request, e) < 0 || facts_gather(&h->facts, e) < 0)
		return -1;
	if (context_dirs(c, &h->dirs, &h->dirs_error) < 0)
		h->dirs = NULL;
	h->storage_driver = settings_text(&c->settings, "storage-driver");
	j = info_collect(h);
	if (request.json) {
		puts(json_text(j));
		return 0;
	}
	format_object(&text, j, 0);
	fputs(str_get(&text), stdout);
	return 0;
}
