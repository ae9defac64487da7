/* SPDX-License-Identifier: Apache-2.0 */
/* --help, laid out for the width of the terminal. */
#pragma once
#include <stddef.h>

struct command;
struct str;

/* Print to standard output: what `rlc --help` and `rlc COMMAND --help` say. */
void help_all(void);
void help_command(const struct command *command);

/* Columns of the terminal on standard output; 80 where there is none. */
size_t help_width(void);
/* Adds text from column `at` on, broken at blanks before `width`; new lines begin at `indent`. */
void help_add_wrapped(struct str *to, const char *text, size_t at, size_t indent, size_t width);

/* Text of both (pure). width: columns to fit into. */
void help_format_all(struct str *to, size_t width);
void help_format_command(struct str *to, const struct command *command, size_t width);
