/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc doctor`: whether this host can run containers, and the command that mends what lacks. */
#include "cmd/check.h"
#include "cmd/color.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

struct doctor_request {
	bool json;
};

static const struct option_row doctor_rows[] = {
    {"json", .group = "Options", .help = "Print JSON",
     .at = option_at(struct doctor_request, json, bool), .set = option_set_bool},
};

const struct option_set doctor_options = {
    .program = "rlc doctor",
    .rows = doctor_rows,
    .n_rows = array_len(doctor_rows),
    .outer = &global_options,
};

static const struct {
	const char *word, *color;
} statuses[] = {
    [CHECK_OK] = {"ok", "\033[32m"},
    [CHECK_NOTICE] = {"notice", "\033[33m"},
    [CHECK_BAD] = {"bad", "\033[1;31m"},
};

/*
 * width: where lines are broken. A fix is to be copied: it stays one line, whatever the terminal
 * makes of it.
 */
static void print_line(const struct check *check, const struct check_result *r, bool color,
		       size_t width)
{
	enum { COLUMN = 27, NARROW = 60, INDENT = 8 };
	auto_str struct str text = {0}, finding = {0};
	auto_strv struct strv fixes = {0};
	bool narrow = width < NARROW;

	str_addf(&text, "%s%-6s%s  ", color ? statuses[r->status].color : "",
		 statuses[r->status].word, color ? "\033[0m" : "");
	if (narrow)
		str_addf(&text, "%s\n%*s", check->name, INDENT, "");
	else
		str_addf(&text, "%-17s  ", check->name);
	/* Folders and file contents of others are named in it. */
	str_add_visible(&finding, r->finding);
	help_add_wrapped(&text, str_get(&finding), narrow ? INDENT : COLUMN,
			 narrow ? INDENT : COLUMN, width);
	strv_split(&fixes, r->fix, "\n");
	for (size_t i = 0; i < fixes.n; i++) {
		str_add(&text, "        fix: ");
		str_add_visible(&text, fixes.v[i]);
		str_add(&text, "\n");
	}
	fputs(str_get(&text), stdout);
}

static void print_verdict(const size_t *n, size_t width)
{
	auto_str struct str text = {0};

	str_add(&text, "\n");
	help_add_wrapped(&text,
			 n[CHECK_BAD] ? "Containers cannot run here: mend what is \"bad\"."
			 : n[CHECK_NOTICE]
			     ? "Containers can run here; each \"notice\" is something "
			       "they go without."
			     : "Containers can run here.",
			 0, 0, width);
	fputs(str_get(&text), stdout);
}

static void add_json(struct json_object *list, const struct check *check,
		     const struct check_result *r)
{
	struct json_object *j = json_object_new_object();

	json_add_str(j, "name", check->name);
	json_add_str(j, "status", statuses[r->status].word);
	json_add_str(j, "finding", r->finding);
	json_add_str(j, "fix", *r->fix ? r->fix : NULL);
	json_object_array_add(list, j);
}

/* Never fails: what cannot be had is a finding of its own. */
static void examine(struct context *c, struct check_host *h)
{
	struct err ignored;

	/* Without cgroups in /proc the place is "nowhere", which the cgroup row tells. */
	(void)facts_gather(&h->facts, &ignored);
	h->config_read = context_settings(c, &h->config_error) == 0;
	if (context_dirs(c, &h->dirs, &h->dirs_error) < 0)
		h->dirs = NULL;
}

int cmd_doctor(struct context *c, int argc, char **argv, struct err *e)
{
	auto_free struct check_host *h = xcalloc(1, sizeof(*h));
	auto_free struct check_result *r = xcalloc(1, sizeof(*r));
	auto_json struct json_object *j = json_object_new_object();
	struct doctor_request request = {0};
	bool color = color_wanted(STDOUT_FILENO);
	/* Whoever reads it with a program wants a line for each. */
	size_t width = isatty(STDOUT_FILENO) ? help_width() : SIZE_MAX;
	struct json_object *list;
	size_t n[3] = {0};

	if (command_parse(c, argc, argv, &request, e) < 0)
		return -1;
	examine(c, h);
	list = json_add_array(j, "checks");
	for (size_t i = 0; i < n_checks; i++) {
		*r = (struct check_result){0};
		checks[i].run(h, r);
		n[r->status]++;
		if (request.json)
			add_json(list, &checks[i], r);
		else
			print_line(&checks[i], r, color, width);
	}
	json_add_bool(j, "ok", n[CHECK_BAD] == 0);
	if (request.json)
		puts(json_text(j));
	else
		print_verdict(n, width);
	return n[CHECK_BAD] ? 1 : 0;
}
