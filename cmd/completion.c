/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc completion`: prints the script for a shell. */
#include "cmd/completion.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "lib/kernel/caps.h"

enum completion_kind completion_of_values(const char *values, struct strv *words)
{
	static const struct {
		const char *name;
		enum completion_kind kind;
	} kinds[] = {
	    {"@file", COMPLETE_FILE},
	    {"@folder", COMPLETE_FOLDER},
	    {"@image", COMPLETE_IMAGE},
	    {"@container", COMPLETE_CONTAINER},
	};

	if (!values)
		return COMPLETE_NOTHING;
	for (size_t i = 0; i < array_len(kinds); i++)
		if (strcmp(kinds[i].name, values) == 0)
			return kinds[i].kind;
	if (strcmp(values, "@capability") != 0) {
		strv_split(words, values, "|");
		return COMPLETE_WORDS;
	}
	strv_add(words, "ALL");
	for (int i = 0; caps_all() >> i & 1; i++)
		strv_take(words, caps_name(i));
	return COMPLETE_WORDS;
}

enum completion_kind completion_of_operands(const struct command *command, struct strv *words)
{
	static const struct {
		const char *begin;
		enum completion_kind kind;
	} kinds[] = {
	    {"IMAGE", COMPLETE_IMAGE},	       {"NAME[:TAG]", COMPLETE_IMAGE},
	    {"CONTAINER", COMPLETE_CONTAINER}, {"NAME", COMPLETE_CONTAINER},
	    {"FILE", COMPLETE_FILE},	       {"COMMAND", COMPLETE_COMMAND},
	};
	const char *operands = command->operands + (command->operands[0] == '[');

	for (size_t i = 0; i < array_len(kinds); i++)
		if (str_starts(operands, kinds[i].begin))
			return kinds[i].kind;
	return strchr(operands, '|') ? completion_of_values(operands, words) : COMPLETE_NOTHING;
}

void completion_add_quoted(struct str *to, const char *text)
{
	str_add(to, "'");
	for (; *text; text++) {
		if (*text == '\'')
			str_add(to, "'\\''");
		else
			str_addn(to, text, 1);
	}
	str_add(to, "'");
}

static const struct {
	const char *shell;
	void (*write)(struct str *to);
} shells[] = {
    {"bash", completion_bash},
    {"zsh", completion_zsh},
    {"fish", completion_fish},
};

const struct option_set completion_options = {.program = "rlc completion",
					      .outer = &global_options};

int cmd_completion(struct context *c, int argc, char **argv, struct err *e)
{
	int at = command_parse(c, argc, argv, NULL, e);
	auto_str struct str script = {0};

	if (at < 0)
		return -1;
	for (size_t i = 0; i < array_len(shells); i++) {
		if (strcmp(shells[i].shell, argv[at]) != 0)
			continue;
		shells[i].write(&script);
		fputs(str_get(&script), stdout);
		return 0;
	}
	err_msg(e, "completion: nothing is known for the shell \"%s\"", argv[at]);
	return err_hint(e, "write: rlc completion bash, zsh or fish");
}
