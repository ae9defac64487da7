/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of --help at many widths, and that nothing of the tables is left out of it. */
#include "cmd/help.h"

#include "cmd/command.h"
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "tests/unit/tap.h"

static const struct option_row tea_rows[] = {
    {"name", 'n', .metavar = "NAME", .group = "Who", .help = "Call it when it is ready"},
    {"note", .metavar = "TEXT", .without = "x", .group = "Who", .help = "Note"},
    {"called", .metavar = "NAME", .alias_of = "name", .group = "Who"},
    {"a-rather-long-option-name", .metavar = "WITH-A-VALUE", .group = "What", .help = "Long"},
};

static const struct option_set tea_options = {.rows = tea_rows, .n_rows = array_len(tea_rows)};

static const struct command tea = {
    .name = "tea", .operands = "CUP...", .summary = "Make tea", .options = &tea_options};

static const char wide[] = "Usage: rlc tea [OPTION...] CUP...\n"
			   "\n"
			   "Make tea\n"
			   "\n"
			   "Who\n"
			   "  -n, --name NAME    Call it when it is ready\n"
			   "      --note[=TEXT]  Note\n"
			   "\n"
			   "What\n"
			   "      --a-rather-long-option-name WITH-A-VALUE\n"
			   "                     Long\n";

static const char narrow[] = "Usage: rlc tea [OPTION...]\n"
			     "       CUP...\n"
			     "\n"
			     "Make tea\n"
			     "\n"
			     "Who\n"
			     "  -n, --name NAME\n"
			     "      Call it when it is\n"
			     "      ready\n"
			     "      --note[=TEXT]\n"
			     "      Note\n"
			     "\n"
			     "What\n"
			     "      --a-rather-long-option-name WITH-A-VALUE\n"
			     "      Long\n";

/* Columns of the longest line, blanks at ends of lines counted as too long. */
static size_t widest(const char *text)
{
	auto_strv struct strv lines = {0};
	size_t most = 0;

	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		if (strlen(lines.v[i]) > most)
			most = strlen(lines.v[i]);
		if (str_ends(lines.v[i], " "))
			return SIZE_MAX;
	}
	return most;
}

/* Widest label and widest word decide below which width nothing can be done. */
static void test_widths(void)
{
	const struct command run = {.name = "run",
				    .operands = "IMAGE [COMMAND [ARG...]]",
				    .summary = "Run a command in a new container",
				    .options = &run_options};

	for (size_t width = 40; width <= 200; width += 20) {
		auto_str struct str text = {0}, all = {0};

		help_format_command(&text, &run, width);
		help_format_all(&all, width);
		ok(widest(str_get(&text)) <= width && widest(str_get(&all)) <= width,
		   "%zu columns: %zu and %zu are used", width, widest(str_get(&text)),
		   widest(str_get(&all)));
	}
}

/* Each second word is told by its group, and each that the synopsis names is there. */
static void test_groups(void)
{
	size_t missing = 0, words = 0;

	for (size_t i = 0; i < n_command_groups; i++) {
		const struct command_group *g = &command_groups[i];
		auto_free char *label = xasprintf("\n  %s ", g->verb);
		auto_str struct str text = {0};

		help_format_command(&text, command_find(g->group), 80);
		missing += !strstr(str_get(&text), label) ||
			   !strstr(str_get(&text), command_find(g->command)->summary);
	}
	ok(missing == 0, "every second word is told by its group");
	for (size_t i = 0; i < n_commands; i++) {
		auto_strv struct strv verbs = {0};
		const char *option;

		if (!command_is_group(&commands[i]))
			continue;
		strv_split(&verbs, commands[i].operands, "|");
		words += verbs.n;
		for (size_t k = 0; k < verbs.n; k++)
			missing += !command_grouped(commands[i].name, verbs.v[k], &option);
	}
	ok(words && missing == 0, "every word of a group's synopsis is one");
}

int main(void)
{
	auto_str struct str at_80 = {0}, at_28 = {0}, all = {0}, run = {0};
	const struct command run_command = {
	    .name = "run", .operands = "", .summary = "", .options = &run_options};
	size_t missing = 0;

	help_format_command(&at_80, &tea, 80);
	ok(strcmp(str_get(&at_80), wide) == 0, "80 columns");
	help_format_command(&at_28, &tea, 28);
	ok(strcmp(str_get(&at_28), narrow) == 0, "28 columns");
	test_widths();
	help_format_command(&run, &run_command, 80);
	for (size_t i = 0; i < run_options.n_rows; i++) {
		auto_free char *name = xasprintf("--%s", run_options.rows[i].name);

		missing += !run_options.rows[i].alias_of && !strstr(str_get(&run), name);
	}
	ok(missing == 0, "every option of run is told");
	help_format_all(&all, 80);
	for (size_t i = 0; i < n_commands; i++)
		missing += !commands[i].hidden && !strchr(commands[i].name, ' ') &&
			   !strstr(str_get(&all), commands[i].summary);
	ok(missing == 0, "every command is told");
	test_groups();
	return tap_end();
}
