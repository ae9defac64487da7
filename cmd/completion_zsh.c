/* SPDX-License-Identifier: Apache-2.0 */
/* The script for zsh: specifications for _arguments (zshcompsys(1)). */
#include "cmd/command.h"
#include "cmd/completion.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

static const char head[] =
    "#compdef rlc\n"
    "# zsh completion for rlc, made by: rlc completion zsh\n"
    "_rlc_images() {\n"
    "\tlocal -a names\n"
    "\tnames=(${(f)\"$(rlc images --noheading 2>/dev/null |\n"
    "\t\tawk '{ print ($1 == \"<none>\" ? $3 : $1 \":\" $2) }')\"})\n"
    "\tcompadd -a names\n"
    "}\n"
    "_rlc_containers() {\n"
    "\tlocal -a names\n"
    "\tnames=(${(f)\"$(rlc ps --all --noheading 2>/dev/null | awk '{ print $NF }')\"})\n"
    "\tcompadd -a names\n"
    "}\n";

/* Read as a file of $fpath it is the body of a function, sourced it is a script. */
static const char tail[] = "\tesac\n"
			   "}\n"
			   "if [[ $funcstack[1] == _rlc ]]; then\n"
			   "\t_rlc \"$@\"\n"
			   "else\n"
			   "\tcompdef _rlc rlc\n"
			   "fi\n";

static const char *const fillers[] = {
    [COMPLETE_NOTHING] = " ",
    [COMPLETE_FILE] = "_files",
    [COMPLETE_FOLDER] = "_files -/",
    [COMPLETE_IMAGE] = "_rlc_images",
    [COMPLETE_CONTAINER] = "_rlc_containers",
    [COMPLETE_COMMAND] = "_rlc_commands",
};

/* Text inside a specification, where "]", ":" and "\" have a meaning. */
static void add_text(struct str *to, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			str_add(to, "\\");
		str_addn(to, text, 1);
	}
}

static void add_filler(struct str *to, enum completion_kind kind, const struct strv *words)
{
	if (kind != COMPLETE_WORDS) {
		str_add(to, fillers[kind]);
		return;
	}
	str_add(to, "(");
	for (size_t i = 0; i < words->n; i++)
		str_addf(to, "%s%s", i ? " " : "", words->v[i]);
	str_add(to, ")");
}

static void add_action(struct str *to, const struct option_row *row)
{
	auto_strv struct strv words = {0};
	enum completion_kind kind = completion_of_values(row->values, &words);

	str_add(to, ":");
	add_text(to, row->metavar);
	str_add(to, ":");
	add_filler(to, kind, &words);
}

/* One specification, for the long or the short name of a row. */
static void add_option(struct str *to, const struct option_row *row, const char *name)
{
	auto_str struct str spec = {0};

	if (row->repeats)
		str_add(&spec, "*");
	str_add(&spec, name);
	if (row->metavar)
		str_add(&spec, row->without ? "=-" : str_starts(name, "--") ? "=" : "+");
	str_add(&spec, "[");
	add_text(&spec, row->help);
	str_add(&spec, "]");
	if (row->metavar) {
		/* Two colons: the value may be missing. */
		str_add(&spec, row->without ? ":" : "");
		add_action(&spec, row);
	}
	str_add(to, " \\\n\t\t\t");
	completion_add_quoted(to, str_get(&spec));
}

static void add_options(struct str *to, const struct option_set *set)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option_row *row = &set->rows[i];
		char letter[] = {'-', row->letter, '\0'};
		auto_str struct str name = {0};

		if (row->alias_of)
			continue;
		str_addf(&name, "--%s", row->name);
		add_option(to, row, str_get(&name));
		if (row->letter)
			add_option(to, row, letter);
	}
	str_add(to, " \\\n\t\t\t'--help[Tell how it is used]'");
}

static void add_command(struct str *to, const struct command *command)
{
	auto_strv struct strv words = {0};
	enum completion_kind kind = completion_of_operands(command, &words);

	str_addf(to, "\t'%s'", command->name);
	if (command->alias)
		str_addf(to, "|'%s'", command->alias);
	str_add(to, ")\n\t\t_arguments -s");
	add_options(to, command->options);
	if (*command->operands) {
		/* "(-)": behind the image no option of `run` follows. */
		str_addf(to, " \\\n\t\t\t'%s:operand:",
			 command->options->stop_at_operand ? "(-)1" : "*");
		add_filler(to, kind, &words);
		str_add(to, "'");
	}
	if (command->options->stop_at_operand)
		str_add(to, " \\\n\t\t\t'(-)*::command:_normal'");
	str_add(to, "\n\t\t;;\n");
}

/* Two words that stand for a command become that one. */
static void add_groups(struct str *to)
{
	str_add(to, "\tif ((CURRENT > 2)); then\n\t\tlocal command=\n\t\tcase \"$words[1] "
		    "$words[2]\" in\n");
	for (size_t i = 0; i < n_command_groups; i++)
		str_addf(to, "\t\t'%s %s') command='%s' ;;\n", command_groups[i].group,
			 command_groups[i].verb, command_groups[i].command);
	str_add(to, "\t\tesac\n"
		    "\t\t[[ -z $command ]] || {\n"
		    "\t\t\twords=(\"$command\" \"${(@)words[3,-1]}\")\n"
		    "\t\t\t((CURRENT--))\n"
		    "\t\t}\n"
		    "\tfi\n");
}

void completion_zsh(struct str *to)
{
	str_add(to, head);
	str_add(to, "_rlc_commands() {\n\tlocal -a list\n\tlist=(");
	for (size_t i = 0; i < n_commands; i++) {
		auto_str struct str entry = {0};

		if (commands[i].hidden || strchr(commands[i].name, ' '))
			continue;
		str_addf(&entry, "%s:%s", commands[i].name, commands[i].summary);
		str_add(to, "\n\t\t");
		completion_add_quoted(to, str_get(&entry));
	}
	str_add(to, ")\n\t_describe -t commands 'rlc command' list\n}\n"
		    "_rlc() {\n\tlocal curcontext=$curcontext state line\n\t_arguments -C -s");
	add_options(to, &global_options);
	str_add(to,
		" \\\n\t\t\t'(-)1:command:_rlc_commands' '(-)*::argument:->argument' && return\n"
		"\t[[ $state == argument ]] || return\n");
	add_groups(to);
	str_add(to, "\tcase $words[1] in\n");
	for (size_t i = 0; i < n_commands; i++)
		if (!commands[i].hidden)
			add_command(to, &commands[i]);
	str_add(to, tail);
}
