/* SPDX-License-Identifier: Apache-2.0 */
/* The script for bash. It needs no other package, and not the names of files to be plain. */
#include "cmd/command.h"
#include "cmd/completion.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

/*
 * Functions that fill COMPREPLY by what $cur begins. Not compgen -W: it would expand its words, and
 * names of images come from others.
 */
static const char head[] =
    "# bash completion for rlc, made by: rlc completion bash\n"
    "_rlc_words() {\n"
    "\tlocal word colons=${cur%\"${cur##*:}\"}\n"
    "\tfor word; do\n"
    "\t\t[[ $word == \"$cur\"* ]] || continue\n"
    "\t\tprintf -v word %q \"${word#\"$colons\"}\"\n"
    "\t\tCOMPREPLY+=(\"$word\")\n"
    "\tdone\n"
    "}\n"
    "_rlc_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); }\n"
    "_rlc_folders() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); }\n"
    "_rlc_images() {\n"
    "\tlocal names\n"
    "\tmapfile -t names < <(rlc images --noheading 2>/dev/null |\n"
    "\t\tawk '{ print ($1 == \"<none>\" ? $3 : $1 \":\" $2) }')\n"
    "\t_rlc_words \"${names[@]}\"\n"
    "}\n"
    "_rlc_containers() {\n"
    "\tlocal names\n"
    "\tmapfile -t names < <(rlc ps --all --noheading 2>/dev/null | awk '{ print $NF }')\n"
    "\t_rlc_words \"${names[@]}\"\n"
    "}\n";

/*
 * bash cuts words at ":" and "=". What was cut at ":" is put together again; of --pull=n three
 * words stay. $option is the option whose value comes next; "-" one that takes none but got "=".
 */
static const char tail[] =
    "_rlc() {\n"
    "\tlocal words=() cur command='' option='' ended='' glue='' operands=0 i word\n"
    "\tCOMPREPLY=()\n"
    "\tfor word in \"${COMP_WORDS[@]:0:COMP_CWORD + 1}\"; do\n"
    "\t\tif [[ $glue || $word == : ]]; then\n"
    "\t\t\twords[-1]+=$word\n"
    "\t\t\t[[ $word == : ]] && glue=1 || glue=\n"
    "\t\telse\n"
    "\t\t\twords+=(\"$word\")\n"
    "\t\tfi\n"
    "\tdone\n"
    "\tcur=${words[-1]}\n"
    "\tfor ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
    "\t\tword=${words[i]}\n"
    "\t\tif [[ $word == = ]]; then\n"
    "\t\t\toption=${option:--}\n"
    "\t\telif [[ $option ]]; then\n"
    "\t\t\toption=\n"
    "\t\telif [[ $word == -- ]]; then\n"
    "\t\t\tended=1\n"
    "\t\telif [[ ! $ended && $word == -?* ]]; then\n"
    "\t\t\t_rlc_takes \"$command $word\" && option=$word\n"
    "\t\t\t[[ ${words[i + 1]} == = ]] && option=$word\n"
    "\t\telif [[ ! $command ]]; then\n"
    "\t\t\tcommand=$word ended=\n"
    "\t\t\t_rlc_grouped \"$command\"\n"
    "\t\telif [[ $operands == 0 ]] && _rlc_grouped \"$command $word\"; then\n"
    "\t\t\t:\n"
    "\t\telse\n"
    "\t\t\toperands=$((operands + 1))\n"
    "\t\t\t[[ $command == run ]] && ended=1\n"
    "\t\tfi\n"
    "\tdone\n"
    "\t[[ $cur == = ]] && cur=\n"
    "\tif [[ $option ]]; then\n"
    "\t\t_rlc_value \"$command $option\"\n"
    "\telif [[ ! $ended && $cur == -* ]]; then\n"
    "\t\t_rlc_options \"$command\"\n"
    "\telif [[ ! $command ]]; then\n"
    "\t\t_rlc_commands\n"
    "\telse\n"
    "\t\t_rlc_operand \"$command\"\n"
    "\tfi\n"
    "}\n"
    "complete -o bashdefault -o default -F _rlc rlc\n";

static const char *const fillers[] = {
    [COMPLETE_NOTHING] = ":",
    [COMPLETE_WORDS] = "_rlc_words",
    [COMPLETE_FILE] = "_rlc_files",
    [COMPLETE_FOLDER] = "_rlc_folders",
    [COMPLETE_IMAGE] = "_rlc_images",
    [COMPLETE_CONTAINER] = "_rlc_containers",
    [COMPLETE_COMMAND] = "_rlc_commands",
};

/* "'run --env' | 'run -e'": how _rlc calls the option of a row. */
static void add_pattern(struct str *to, const char *command, const struct option_row *row)
{
	str_addf(to, "'%s --%s'", command, row->name);
	if (row->letter)
		str_addf(to, " | '%s -%c'", command, row->letter);
}

static const struct option_row *target(const struct option_set *set, const struct option_row *row)
{
	return row->alias_of ? option_find(set, row->alias_of) : row;
}

static void add_filler(struct str *to, enum completion_kind kind, const struct strv *words)
{
	str_add(to, fillers[kind]);
	for (size_t i = 0; i < words->n; i++) {
		str_add(to, " ");
		completion_add_quoted(to, words->v[i]);
	}
}

static void add_values(struct str *to, const char *command, const struct option_set *set)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option_row *row = target(set, &set->rows[i]);
		auto_strv struct strv words = {0};
		enum completion_kind kind = completion_of_values(row->values, &words);

		if (!row->metavar)
			continue;
		str_add(to, "\t");
		add_pattern(to, command, &set->rows[i]);
		str_add(to, ")");
		str_add(to, " ");
		add_filler(to, kind, &words);
		str_add(to, " ;;\n");
	}
}

static void add_takes(struct str *to, const char *command, const struct option_set *set)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option_row *row = target(set, &set->rows[i]);

		if (!row->metavar || row->without)
			continue;
		str_add(to, "\t");
		add_pattern(to, command, &set->rows[i]);
		str_add(to, ") ;;\n");
	}
}

static void add_options(struct str *to, const char *command, const struct option_set *set)
{
	str_addf(to, "\t'%s') _rlc_words", command);
	for (size_t i = 0; i < set->n_rows; i++)
		str_addf(to, " --%s", set->rows[i].name);
	str_add(to, " --help ;;\n");
}

/* A function with one case that every command (and "", before one) adds its lines to. */
static void add_function(struct str *to, const char *name, const char *otherwise,
			 void (*add)(struct str *to, const char *command,
				     const struct option_set *set))
{
	str_addf(to, "%s() {\n\tcase $1 in\n", name);
	add(to, "", &global_options);
	for (size_t i = 0; i < n_commands; i++)
		add(to, commands[i].name, commands[i].options);
	str_addf(to, "\t*) %s ;;\n\tesac\n}\n", otherwise);
}

/* Two words that stand for a command, or its second name: sets $command. */
static void add_groups(struct str *to)
{
	str_add(to, "_rlc_grouped() {\n\tcase $1 in\n");
	for (size_t i = 0; i < n_command_groups; i++)
		str_addf(to, "\t'%s %s') command='%s' ;;\n", command_groups[i].group,
			 command_groups[i].verb, command_groups[i].command);
	for (size_t i = 0; i < n_commands; i++)
		if (commands[i].alias)
			str_addf(to, "\t'%s') command='%s' ;;\n", commands[i].alias,
				 commands[i].name);
	str_add(to, "\t*) return 1 ;;\n\tesac\n}\n");
}

void completion_bash(struct str *to)
{
	str_add(to, head);
	str_add(to, "_rlc_commands() { _rlc_words");
	for (size_t i = 0; i < n_commands; i++)
		if (!commands[i].hidden && !strchr(commands[i].name, ' '))
			str_addf(to, " %s", commands[i].name);
	str_add(to, "; }\n");
	add_groups(to);
	add_function(to, "_rlc_value", ":", add_values);
	add_function(to, "_rlc_takes", "return 1", add_takes);
	add_function(to, "_rlc_options", ":", add_options);
	str_add(to, "_rlc_operand() {\n\tcase $1 in\n");
	for (size_t i = 0; i < n_commands; i++) {
		auto_strv struct strv words = {0};
		enum completion_kind kind = completion_of_operands(&commands[i], &words);

		if (kind == COMPLETE_NOTHING)
			continue;
		/* Behind the image of `run` its own command begins. */
		str_addf(to, "\t'%s') %s", commands[i].name,
			 commands[i].options->stop_at_operand ? "((operands)) || " : "");
		add_filler(to, kind, &words);
		str_add(to, " ;;\n");
	}
	str_add(to, "\tesac\n}\n");
	str_add(to, tail);
}
