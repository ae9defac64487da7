/* SPDX-License-Identifier: Apache-2.0 */
/* The script for fish: one `complete` for each command and option. */
#include "cmd/command.h"
#include "cmd/completion.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

static const char head[] = "# fish completion for rlc, made by: rlc completion fish\n"
			   "function __rlc_images\n"
			   "\trlc images --noheading 2>/dev/null | "
			   "awk '{ print ($1 == \"<none>\" ? $3 : $1 \":\" $2) }'\n"
			   "end\n"
			   "function __rlc_containers\n"
			   "\trlc ps --all --noheading 2>/dev/null | awk '{ print $NF }'\n"
			   "end\n"
			   "complete -c rlc -f\n";

/* Its end is a switch over pairs of words that stand for a command. */
static const char head_of_command[] =
    "\n"
    "\tset -l words (commandline -opc)\n"
    "\tset -e words[1]\n"
    "\twhile set -q words[1]; and string match -q -- '-*' $words[1]\n"
    "\t\tcontains -- $words[1] $valued; and set -e words[1]\n"
    "\t\tset -e words[1]\n"
    "\tend\n"
    "\tswitch \"$words[1] $words[2]\"\n";
static const char tail_of_command[] = "\t\tcase '*'\n"
				      "\t\t\techo $words[1]\n"
				      "\tend\n"
				      "end\n"
				      "function __rlc_is\n"
				      "\tset -l command (__rlc_command)\n"
				      "\ttest \"$command\" = \"$argv[1]\"\n"
				      "end\n";

/* Which command the line is of: the first word behind the options, or what it stands for. */
static void add_command_of(struct str *to)
{
	str_add(to, "function __rlc_command\n\tset -l valued");
	for (size_t i = 0; i < global_options.n_rows; i++)
		if (global_options.rows[i].metavar)
			str_addf(to, " --%s", global_options.rows[i].name);
	str_add(to, head_of_command);
	for (size_t i = 0; i < n_command_groups; i++)
		str_addf(to, "\t\tcase '%s %s'\n\t\t\techo '%s'\n", command_groups[i].group,
			 command_groups[i].verb, command_groups[i].command);
	for (size_t i = 0; i < n_commands; i++)
		if (commands[i].alias)
			str_addf(to, "\t\tcase '%s *'\n\t\t\techo '%s'\n", commands[i].alias,
				 commands[i].name);
	str_add(to, tail_of_command);
}

static const char *const fillers[] = {
    [COMPLETE_FILE] = "(__fish_complete_path)",
    [COMPLETE_FOLDER] = "(__fish_complete_directories)",
    [COMPLETE_IMAGE] = "(__rlc_images)",
    [COMPLETE_CONTAINER] = "(__rlc_containers)",
};

static void add_filler(struct str *to, enum completion_kind kind, const struct strv *words)
{
	auto_str struct str list = {0};

	for (size_t i = 0; i < words->n; i++)
		str_addf(&list, "%s%s", i ? " " : "", words->v[i]);
	for (size_t i = 0; kind == COMPLETE_COMMAND && i < n_commands; i++)
		if (!commands[i].hidden && !strchr(commands[i].name, ' '))
			str_addf(&list, "%s%s", list.len ? " " : "", commands[i].name);
	if (kind == COMPLETE_NOTHING)
		return;
	str_add(to, " -a ");
	completion_add_quoted(to, list.len ? str_get(&list) : fillers[kind]);
}

static void add_values(struct str *to, const char *values)
{
	auto_strv struct strv words = {0};
	enum completion_kind kind = completion_of_values(values, &words);

	add_filler(to, kind, &words);
}

/* condition: when the options of the set may be typed. */
static void add_options(struct str *to, const char *condition, const struct option_set *set)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option_row *row = &set->rows[i];

		if (row->alias_of)
			continue;
		str_addf(to, "complete -c rlc -n '%s' -l %s", condition, row->name);
		if (row->letter)
			str_addf(to, " -s %c", row->letter);
		if (row->metavar && !row->without)
			str_add(to, " -x");
		if (row->metavar)
			add_values(to, row->values);
		str_add(to, " -d ");
		completion_add_quoted(to, row->help);
		str_add(to, "\n");
	}
	str_addf(to, "complete -c rlc -n '%s' -l help -d 'Tell how it is used'\n", condition);
}

static void add_command(struct str *to, const struct command *command)
{
	auto_str struct str condition = {0};
	auto_strv struct strv words = {0};
	enum completion_kind kind = completion_of_operands(command, &words);

	if (!strchr(command->name, ' ')) {
		str_add(to, "complete -c rlc -n '__rlc_is \"\"' -a ");
		completion_add_quoted(to, command->name);
		str_add(to, " -d ");
		completion_add_quoted(to, command->summary);
		str_add(to, "\n");
	}
	str_addf(&condition, "__rlc_is \"%s\"", command->name);
	add_options(to, str_get(&condition), command->options);
	if (kind == COMPLETE_NOTHING)
		return;
	str_addf(to, "complete -c rlc -n '%s'", str_get(&condition));
	add_filler(to, kind, &words);
	str_add(to, "\n");
}

void completion_fish(struct str *to)
{
	str_add(to, head);
	add_command_of(to);
	add_options(to, "__rlc_is \"\"", &global_options);
	for (size_t i = 0; i < n_commands; i++)
		if (!commands[i].hidden)
			add_command(to, &commands[i]);
}
