/* SPDX-License-Identifier: Apache-2.0 */
/* Completion for shells, written out of the tables of commands and options. */
#pragma once
#include <stdbool.h>

struct command;
struct str;
struct strv;

/* What a value or an operand is made of. */
enum completion_kind {
	COMPLETE_NOTHING, /* known to nobody but the user */
	COMPLETE_WORDS,	  /* a fixed list */
	COMPLETE_FILE,
	COMPLETE_FOLDER,
	COMPLETE_IMAGE,
	COMPLETE_CONTAINER,
	COMPLETE_COMMAND, /* of rlc */
};

/* Reads option_row.values; a list goes to *words. values may be NULL. */
enum completion_kind completion_of_values(const char *values, struct strv *words);
/* What the operands of a command are, by the first word of its synopsis; "a|b": a list. */
enum completion_kind completion_of_operands(const struct command *command, struct strv *words);

/* The script for each shell. */
void completion_bash(struct str *to);
void completion_zsh(struct str *to);
void completion_fish(struct str *to);

/* Adds text in single quotes. */
void completion_add_quoted(struct str *to, const char *text);
