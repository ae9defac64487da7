/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc inspect`: all that is known of containers and images, as JSON. */
#include "cmd/inspect.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/image_names.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "storage/store.h"

enum inspect_type { TYPE_ALL, TYPE_CONTAINER, TYPE_IMAGE };

struct inspect_request {
	struct selection which;
	int type; /* enum inspect_type */
	struct image_names names;
};

static int set_format(const struct option_row *row, void *to, const char *value, struct err *e)
{
	(void)row;
	(void)to;
	if (strcmp(value, "json") == 0)
		return 0;
	err_msg(e, "no such format");
	return err_hint(e, "it is JSON anyway: cut what you need with jq(1), as in "
			   "rlc inspect NAME | jq -r '.[0].State.Status'");
}

/* clang-format off */
static const struct option_row rows[] = {
	{"format", 'f', .metavar = "FORMAT", .values = "json", .group = "Options",
	 .set = set_format, .help = "Print in this format: json"},
	SELECTION_LATEST,
	{"type", 't', .metavar = "TYPE", .values = "all|container|image", .group = "Options",
	 .at = option_at(struct inspect_request, type, int), .set = option_set_choice,
	 .help = "Look for containers or images only (default: all)",
	 .text = "Of a container and an image with the same name, *all* takes the container."},
};
/* clang-format on */

const struct option_set inspect_options = {
    .program = "rlc inspect",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

static int add_container(const struct dirs *d, const char *id, struct json_object *list,
			 struct err *e)
{
	auto_free char *config = NULL;
	struct json_object *one;
	struct record_state s;
	struct record r;
	int result;

	if (record_load(d, id, &r, &s, e) < 0)
		return -1;
	result = record_load_config(d, id, &config, e);
	if (result == 0)
		result = inspect_container(&r, &s, config, &one, e);
	if (result == 0)
		json_object_array_add(list, one);
	record_free(&r);
	return result;
}

static int add_image(const struct dirs *d, const struct image_names *names, const char *typed,
		     struct json_object *list, struct err *e)
{
	auto_free char *name = NULL;
	struct json_object *one;
	struct image image = {0};
	int result;

	if (image_names_find(names, d, typed, &name, e) < 0 || store_find(d, name, &image, e) < 0)
		return -1;
	result = inspect_image(d, &image, &one, e);
	if (result == 0)
		json_object_array_add(list, one);
	image_free(&image);
	return result;
}

static int add_named(const struct dirs *d, const struct inspect_request *r, const char *name,
		     struct json_object *list, struct err *e)
{
	const enum inspect_type type = (enum inspect_type)r->type;
	auto_free char *id = NULL;
	struct err no_image;

	if (type == TYPE_IMAGE)
		return add_image(d, &r->names, name, list, e);
	if (record_find(d, name, &id, e) == 0)
		return add_container(d, id, list, e);
	if (type == TYPE_CONTAINER || e->exit != 1)
		return err_exit(e, EXIT_LAUNCHER);
	if (add_image(d, &r->names, name, list, &no_image) == 0)
		return 0;
	err_msg(e, "no container and no image \"%.200s\"", name);
	return err_hint(e, "run: rlc ps -a\nrun: rlc images");
}

static int inspect_all(const struct dirs *d, const struct inspect_request *r, int n,
		       char **operands, struct json_object *list, struct err *e)
{
	auto_selected struct selected latest = {0};
	int status = 0;
	struct err one;

	if ((n > 0) + r->which.latest != 1) {
		err_msg(e, "inspect: %s",
			n > 0 ? "names and --latest exclude each other"
			      : "no container and no image given");
		return err_hint(e, "write: rlc inspect NAME..., or rlc inspect --latest");
	}
	if (r->which.latest &&
	    selection_find(&r->which, d, 0, NULL, ALL_STATES, &latest, &status, e) < 0)
		return -1;
	for (size_t i = 0; i < latest.ids.n; i++)
		if (add_container(d, latest.ids.v[i], list, &one) < 0)
			containers_tell(&one, &status);
	for (int i = 0; i < n; i++)
		if (add_named(d, r, operands[i], list, &one) < 0)
			containers_tell(&one, &status);
	return status ? EXIT_LAUNCHER : 0;
}

int cmd_inspect(struct context *c, int argc, char **argv, struct err *e)
{
	auto_json struct json_object *list = json_object_new_array();
	struct inspect_request r = {.type = TYPE_ALL};
	const struct dirs *d;
	int at = command_parse(c, argc, argv, &r, e), status;

	if (at < 0 || context_dirs(c, &d, e) < 0 || image_names_load(c, &r.names, e) < 0)
		return -1;
	status = inspect_all(d, &r, argc - at, argv + at, list, e);
	image_names_free(&r.names);
	if (status >= 0)
		puts(json_text(list));
	return status;
}
