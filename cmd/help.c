/* SPDX-License-Identifier: Apache-2.0 */
/* Lays out the tables of commands and options for people. */
#include "cmd/help.h"

#include "cmd/command.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LABEL_MIN = 12, LABEL_MAX = 30, TEXT_MIN = 28 };

size_t help_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

void help_add_wrapped(struct str *to, const char *text, size_t at, size_t indent, size_t width)
{
	while (*text) {
		size_t word = strcspn(text, " ");

		if (at > indent && at + 1 + word > width) {
			str_addf(to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			str_add(to, " ");
			at++;
		}
		str_addn(to, text, word);
		at += word;
		text += word;
		text += strspn(text, " ");
	}
	str_add(to, "\n");
}

/* One line of a list: a label, and its text in a column of its own. */
static void add_entry(struct str *to, const char *label, const char *text, size_t column,
		      size_t width)
{
	size_t n = strlen(label) + 2;

	/* On a narrow terminal the text stands below its label. */
	if (width < column + TEXT_MIN)
		column = 6;
	str_addf(to, "  %s", label);
	if (n + 2 > column)
		str_addf(to, "\n%*s", (int)column, "");
	else
		str_addf(to, "%*s", (int)(column - n), "");
	help_add_wrapped(to, text, column, column, width);
}

/* "-e, --env NAME[=VALUE]" */
static void option_label(struct str *to, const struct option_row *row)
{
	if (row->letter)
		str_addf(to, "-%c, --%s", row->letter, row->name);
	else
		str_addf(to, "    --%s", row->name);
	if (row->metavar)
		str_addf(to, row->without ? "[=%s]" : " %s", row->metavar);
}

static size_t label_column(const struct option_set *set)
{
	size_t widest = LABEL_MIN;

	for (size_t i = 0; i < set->n_rows; i++) {
		auto_str struct str label = {0};

		option_label(&label, &set->rows[i]);
		if (label.len > widest && label.len <= LABEL_MAX)
			widest = label.len;
	}
	return widest + 4;
}

static void add_options(struct str *to, const struct option_set *set, size_t width)
{
	size_t column = label_column(set);
	const char *group = NULL;

	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option_row *row = &set->rows[i];
		auto_str struct str label = {0};

		if (row->alias_of)
			continue;
		if (!group || strcmp(group, row->group) != 0)
			str_addf(to, "\n%s\n", row->group);
		group = row->group;
		option_label(&label, row);
		add_entry(to, str_get(&label), row->help, column, width);
	}
}

/* Of a group: the words that may follow, and what they do. */
static void add_words(struct str *to, const char *group, size_t width)
{
	str_add(to, "\nCommands\n");
	for (size_t i = 0; i < n_command_groups; i++) {
		const struct command_group *g = &command_groups[i];
		const struct command *command = command_find(g->command);

		if (strcmp(g->group, group) == 0)
			add_entry(to, g->verb, command->summary, LABEL_MIN + 4, width);
	}
}

void help_format_command(struct str *to, const struct command *command, size_t width)
{
	auto_str struct str usage = {0};

	str_addf(&usage, "rlc %s%s%s%s", command->name,
		 command->options->n_rows ? " [OPTION...]" : "", *command->operands ? " " : "",
		 command->operands);
	str_add(to, "Usage: ");
	help_add_wrapped(to, str_get(&usage), 7, 7, width);
	str_add(to, "\n");
	help_add_wrapped(to, command->summary, 0, 0, width);
	if (command_is_group(command))
		add_words(to, command->name, width);
	add_options(to, command->options, width);
}

void help_format_all(struct str *to, size_t width)
{
	size_t column = LABEL_MIN + 4;

	str_add(to, "Usage: ");
	help_add_wrapped(to, "rlc [OPTION...] COMMAND [ARG...]", 7, 7, width);
	str_add(to, "\n");
	help_add_wrapped(to, "Containers without a daemon and without root.", 0, 0, width);
	str_add(to, "\nCommands\n");
	for (size_t i = 0; i < n_commands; i++)
		if (!commands[i].hidden && !strchr(commands[i].name, ' '))
			add_entry(to, commands[i].name, commands[i].summary, column, width);
	add_options(to, &global_options, width);
	str_add(to, "\n");
	help_add_wrapped(to, "`rlc COMMAND --help` tells more of a command, rlc(1) of the whole.",
			 0, 0, width);
}

void help_all(void)
{
	auto_str struct str text = {0};

	help_format_all(&text, help_width());
	fputs(str_get(&text), stdout);
}

void help_command(const struct command *command)
{
	auto_str struct str text = {0};

	help_format_command(&text, command, help_width());
	fputs(str_get(&text), stdout);
}
