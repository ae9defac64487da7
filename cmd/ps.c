/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc ps`: lists containers. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/image_names.h"
#include "cmd/labels.h"
#include "cmd/ports_of.h"
#include "cmd/ps_filter.h"
#include "cmd/table.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/state/record_text.h"
#include "storage/store.h"

#include <arpa/inet.h>
#include <limits.h>
#include <time.h>

enum { ID_SHOWN = 12, COMMAND_SHOWN = 17 };

struct ps_request {
	bool all, quiet, latest, no_trunc, no_heading, json;
	int last; /* -1: not asked */
	struct strv filters;
};

static int set_last(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct ps_request *r = to;
	int64_t v;

	(void)row;
	if (!str_to_i64(value, -1, INT_MAX, &v)) {
		err_msg(e, "not a number of containers");
		return err_hint(e, "write --last 5; -1 stands for all");
	}
	r->last = (int)v;
	return 0;
}

static int set_filter(const struct option_row *row, void *to, const char *value, struct err *e)
{
	if (ps_filter_check(value, e) < 0)
		return -1;
	strv_add(&((struct ps_request *)to)->filters, value);
	(void)row;
	return 0;
}

#define BOOL(member) .at = option_at(struct ps_request, member, bool), .set = option_set_bool

/* clang-format off */
static const struct option_row rows[] = {
	{"all", 'a', .group = "Options", BOOL(all), .help = "Show those that do not run, too"},
	{"filter", 'f', .metavar = "KEY=VALUE", .repeats = true, .group = "Options",
	 .set = set_filter, .help = "Show only those that fit",
	 .text = "Keys are *ancestor* (image), *id*, *label*, *name* (extended regular expression) "
		 "and *status* (which includes those that do not run). Of several values for a key "
		 "one must fit, of labels all."},
	{"format", .metavar = "FORMAT", .values = "json|table", .group = "Options",
	 .at = option_at(struct ps_request, json, bool), .set = table_set_format,
	 .help = "Print in this format: table or json (default: table)"},
	{"last", 'n', .metavar = "N", .group = "Options", .set = set_last,
	 .help = "Show the N made last, whether they run or not"},
	{"latest", 'l', .group = "Options", BOOL(latest), .help = "Show the one made last"},
	{"no-trunc", .group = "Options", BOOL(no_trunc), .help = "Show ids and commands in full"},
	{"noheading", .group = "Options", BOOL(no_heading), .help = "Leave the headings out"},
	{"quiet", 'q', .group = "Options", BOOL(quiet), .help = "Print ids only"},
};
/* clang-format on */

const struct option_set ps_options = {
    .program = "rlc ps",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

/* ---- what a container looks like ---- */

static char *command_of(const struct record *r, bool whole)
{
	struct str text = {0};

	for (size_t i = 0; i < r->args.n; i++) {
		str_add(&text, i ? " " : "");
		str_add(&text, r->args.v[i]);
	}
	if (!whole && text.len > COMMAND_SHOWN + 3) {
		size_t cut = COMMAND_SHOWN;

		/* Not within a character of UTF-8. */
		while (cut && ((unsigned char)text.s[cut] & 0xc0) == 0x80)
			cut--;
		text.s[cut] = '\0';
		text.len = cut;
		str_add(&text, "...");
	}
	return str_take(&text);
}

static char *ago(int64_t ns, time_t now)
{
	auto_free char *span = table_span((int64_t)now - ns / 1000000000);

	return xasprintf("%s ago", span);
}

static char *status_of(const struct record_state *s, time_t now)
{
	auto_free char *since = NULL;

	switch (record_status_now(s)) {
	case STATUS_CREATED:
		return xstrdup("Created");
	case STATUS_PAUSED:
		return xstrdup("Paused");
	case STATUS_RUNNING:
		since = table_span((int64_t)now - s->started_ns / 1000000000);
		return xasprintf("Up %s", since);
	case STATUS_EXITED:
		since = ago(s->finished_ns, now);
		if (s->monitor_lost)
			return xasprintf("Exited (unknown) %s", since);
		return xasprintf("Exited (%d) %s", s->exit_code, since);
	}
	return xstrdup("");
}

static const char *image_of(const struct record *r)
{
	if (r->rootfs)
		return r->rootfs;
	return r->image_name ? r->image_name : r->image_id;
}

static char *shown_ports(const struct record *r)
{
	auto_portmaps struct portmaps ports = {0};

	ports_of(r, &ports);
	return portmap_list(&ports);
}

static void print_table(const struct containers *list, const struct ps_request *r)
{
	static const char *const heads[] = {"CONTAINER ID", "IMAGE", "COMMAND", "CREATED",
					    "STATUS",	    "PORTS", "NAMES"};
	auto_table struct table t = {.columns = array_len(heads)};
	time_t now = time(NULL);

	for (size_t i = 0; i < array_len(heads) && !r->no_heading; i++)
		table_add(&t, heads[i]);
	for (size_t i = 0; i < list->n; i++) {
		const struct container *c = &list->v[i];
		auto_free char *id = xstrndup(c->record.id, r->no_trunc ? RECORD_ID_LEN : ID_SHOWN);
		auto_free char *command = command_of(&c->record, r->no_trunc);
		auto_free char *created = ago(c->record.created_ns, now);
		auto_free char *status = status_of(&c->state, now);
		auto_free char *ports = shown_ports(&c->record);
		const char *cells[] = {id,    image_of(&c->record), command, created, status,
				       ports, c->record.name};

		for (size_t k = 0; k < array_len(cells); k++)
			table_add(&t, cells[k]);
	}
	table_print(&t);
}

static void print_ids(const struct containers *list, const struct ps_request *r)
{
	for (size_t i = 0; i < list->n; i++)
		printf("%.*s\n", r->no_trunc ? RECORD_ID_LEN : ID_SHOWN, list->v[i].record.id);
}

/* null where there are none, as podman has it. */
static struct json_object *ports_json(const struct record *r)
{
	auto_portmaps struct portmaps ports = {0};
	struct json_object *list = NULL;

	ports_of(r, &ports);
	for (size_t i = 0; i < ports.n; i++) {
		struct json_object *o = json_object_new_object();
		const struct portmap *m = &ports.v[i];
		char buf[INET6_ADDRSTRLEN];

		list = list ? list : json_object_new_array();
		json_add_str(o, "host_ip", m->family ? portmap_address(m, buf) : "");
		json_add_i64(o, "container_port", m->container);
		json_add_i64(o, "host_port", m->host);
		json_add_i64(o, "range", 1);
		json_add_str(o, "protocol", portmap_protocol_name(m->protocol));
		json_object_array_add(list, o);
	}
	return list;
}

/* Keys and units are those of podman ps --format json: seconds, negative or zero for never. */
static struct json_object *to_json(const struct container *c, time_t now)
{
	struct json_object *o = json_object_new_object();
	const struct record *r = &c->record;
	const struct record_state *s = &c->state;
	auto_free char *created = ago(r->created_ns, now), *status = status_of(s, now);
	struct strv names = {.v = (char *[]){r->name, NULL}, .n = 1};

	json_add_bool(o, "AutoRemove", r->remove);
	json_add_strv(o, "Command", &r->args);
	json_add_str(o, "CreatedAt", created);
	json_add_i64(o, "Created", r->created_ns / 1000000000);
	json_add_bool(o, "Exited", s->status == STATUS_EXITED);
	json_add_i64(o, "ExitedAt", s->finished_ns / 1000000000);
	json_add_i64(o, "ExitCode", s->exit_code);
	json_add_str(o, "Id", r->id);
	json_add_str(o, "Image", image_of(r));
	json_add_str(o, "ImageID", r->image_id ? r->image_id : "");
	labels_add(o, "Labels", &r->labels);
	json_add_strv(o, "Names", &names);
	json_add_i64(o, "Pid", s->pid);
	json_object_object_add(o, "Ports", ports_json(r));
	json_add_i64(o, "StartedAt", s->started_ns / 1000000000);
	json_add_str(o, "State", record_status_name(record_status_now(s)));
	json_add_str(o, "Status", status);
	return o;
}

static void print_json(const struct containers *list)
{
	auto_json struct json_object *all = json_object_new_array();
	time_t now = time(NULL);

	for (size_t i = 0; i < list->n; i++)
		json_object_array_add(all, to_json(&list->v[i], now));
	puts(json_text(all));
}

/* ---- which ---- */

/* What the names given to "ancestor" mean now: another tag of the same image is found as well. */
static int find_ancestors(const struct context *c, const struct dirs *d, const struct strv *filters,
			  struct strv *ret, struct err *e)
{
	auto_image_names struct image_names names = {0};

	if (image_names_load(c, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < filters->n; i++) {
		const char *value = ps_filter_value(filters->v[i], "ancestor");
		auto_free char *name = NULL;
		struct image image = {0};
		struct err not_there;

		if (!value)
			continue;
		if (image_names_find(&names, d, value, &name, e) < 0)
			return -1;
		if (store_find(d, name, &image, &not_there) == 0)
			strv_add(ret, image.id);
		else
			strv_add(ret, "");
		image_free(&image);
	}
	return 0;
}

/* Newest first, those that fit, and no more than asked. */
static void choose(struct containers *all, const struct ps_request *r, const struct strv *ancestors,
		   struct containers *ret)
{
	bool any_status =
	    r->all || r->latest || r->last >= 0 || ps_filter_has_key(&r->filters, "status");
	size_t limit = r->latest ? 1 : r->last >= 0 ? (size_t)r->last : SIZE_MAX;

	ret->v = xcalloc(all->n, sizeof(*ret->v));
	for (size_t i = all->n; i-- > 0 && ret->n < limit;) {
		if ((any_status || all->v[i].state.status == STATUS_RUNNING) &&
		    ps_filter_passes(&r->filters, ancestors, &all->v[i]))
			ret->v[ret->n++] = all->v[i];
	}
}

static int list(struct context *c, const struct ps_request *r, struct err *e)
{
	auto_containers struct containers all = {0};
	auto_strv struct strv ancestors = {0};
	struct containers shown = {0};
	const struct dirs *d;
	int status = 0;

	if (context_dirs(c, &d, e) < 0 || containers_load(d, &all, &status, e) < 0 ||
	    find_ancestors(c, d, &r->filters, &ancestors, e) < 0)
		return -1;
	choose(&all, r, &ancestors, &shown);
	if (r->json)
		print_json(&shown);
	else if (r->quiet)
		print_ids(&shown, r);
	else
		print_table(&shown, r);
	free(shown.v); /* what is in it belongs to `all` */
	return status;
}

int cmd_ps(struct context *c, int argc, char **argv, struct err *e)
{
	struct ps_request r = {.last = -1};
	int result = -1;

	if (command_parse(c, argc, argv, &r, e) >= 0)
		result = list(c, &r, e);
	strv_free(&r.filters);
	return result;
}
