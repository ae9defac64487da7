/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs while rlc is built: copies a manual page from stdin to stdout and puts the tables in place
 * of the lines "@OPTIONS run@" (pull, global), "@COMMANDS@" and "@KEYS@". scdoc(5) all through.
 */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

enum { PAGE_MAX = 1 << 20 };

/* Plain text, in which scdoc would take these characters for its own. */
static void add_plain(struct str *to, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\*_", *text))
			str_add(to, "\\");
		str_addn(to, text, 1);
	}
}

static void add_label(struct str *to, const struct option_set *set, const struct option_row *row)
{
	if (row->letter)
		str_addf(to, "*-%c*, ", row->letter);
	str_addf(to, "*--%s*", row->name);
	for (size_t i = 0; i < set->n_rows; i++)
		if (set->rows[i].alias_of && strcmp(set->rows[i].alias_of, row->name) == 0)
			str_addf(to, ", *--%s*", set->rows[i].name);
	if (!row->metavar)
		return;
	str_add(to, row->without ? "[=_" : " _");
	add_plain(to, row->metavar);
	str_add(to, row->without ? "_]" : "_");
}

static void add_allowed(struct str *to, const struct option_row *row)
{
	auto_strv struct strv words = {0};

	if (row->set != option_set_choice)
		return;
	strv_split(&words, row->values, "|");
	str_add(to, " One of");
	for (size_t i = 0; i < words.n; i++)
		str_addf(to, "%s *%s*", i ? "," : "", words.v[i]);
	if (row->without)
		str_addf(to, "; without a value *%s*", row->without);
	str_add(to, ".");
}

/* Headings of groups where the set has more than one. */
static void add_options(struct str *to, const struct option_set *set)
{
	bool has_groups =
	    set->n_rows && strcmp(set->rows[0].group, set->rows[set->n_rows - 1].group) != 0;
	const char *group = "";

	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option_row *row = &set->rows[i];

		if (row->alias_of)
			continue;
		if (has_groups && strcmp(group, row->group) != 0)
			str_addf(to, "## %s\n\n", row->group);
		group = row->group;
		add_label(to, set, row);
		str_add(to, "\n\t");
		add_plain(to, row->help);
		str_add(to, ".");
		if (row->text)
			str_addf(to, " %s", row->text);
		add_allowed(to, row);
		if (row->repeats)
			str_add(to, " May be given more than once.");
		str_add(to, "\n\n");
	}
}

static bool has_page(const struct command *command)
{
	return command->options == &run_options || command->options == &pull_options;
}

/* "ls is *rlc images*": what the second words of a group stand for. */
static void add_words(struct str *to, const char *group)
{
	const char *between = "";

	for (size_t i = 0; i < n_command_groups; i++) {
		const struct command_group *g = &command_groups[i];

		if (strcmp(g->group, group) != 0 || strchr(g->command, ' '))
			continue;
		str_addf(to, "%s *%s* is *rlc %s*", *between ? between : "", g->verb, g->command);
		between = ",";
	}
	str_add(to, ".");
}

static void add_commands(struct str *to)
{
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *command = &commands[i];

		if (command->hidden)
			continue;
		str_addf(to, "## rlc %s%s%s", command->name,
			 command->options->n_rows ? " [OPTION...]" : "",
			 *command->operands ? " " : "");
		add_plain(to, command->operands);
		str_add(to, "\n\n");
		add_plain(to, command->summary);
		str_add(to, ".");
		if (command_is_group(command))
			add_words(to, command->name);
		/* It has a page of its own. */
		if (has_page(command))
			str_addf(to, " See *rlc-%s*(1).", command->name);
		str_add(to, "\n\n");
		if (!has_page(command))
			add_options(to, command->options);
	}
}

static void add_keys(struct str *to)
{
	for (size_t i = 0; i < n_setting_keys; i++) {
		const struct setting_key *key = &setting_keys[i];
		bool is_list = key->kind == SETTING_LIST;
		auto_free char *variable = settings_variable(key);

		str_addf(to, "*%s*: %s_", key->name, is_list ? "[" : "");
		add_plain(to, key->example);
		str_addf(to, "_%s\n\t%s Default of *%s--%s*; variable *", is_list ? "]" : "",
			 key->text, key->global ? "rlc " : "rlc run ", key->option);
		add_plain(to, variable);
		str_add(to, "*.\n\n");
	}
}

static int add_line(struct str *to, const char *line, struct err *e)
{
	if (strcmp(line, "@OPTIONS run@") == 0)
		add_options(to, &run_options);
	else if (strcmp(line, "@OPTIONS pull@") == 0)
		add_options(to, &pull_options);
	else if (strcmp(line, "@OPTIONS global@") == 0)
		add_options(to, &global_options);
	else if (strcmp(line, "@COMMANDS@") == 0)
		add_commands(to);
	else if (strcmp(line, "@KEYS@") == 0)
		add_keys(to);
	else if (line[0] == '@')
		return err_msg(e, "unknown directive %s", line);
	else
		str_addf(to, "%s\n", line);
	return 0;
}

int main(void)
{
	auto_free char *page = NULL;
	auto_str struct str text = {0};
	struct err e = {0};
	int rc = file_read_fd(STDIN_FILENO, "standard input", PAGE_MAX, &page, NULL, &e);

	for (char *line = page, *end; rc == 0 && *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		*end = '\0';
		rc = add_line(&text, line, &e);
	}
	if (rc < 0) {
		fprintf(stderr, "gen_man: %s\n", e.what);
		return 1;
	}
	return fputs(str_get(&text), stdout) < 0 || fflush(stdout) != 0;
}
