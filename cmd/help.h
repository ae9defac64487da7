/* SPDX-License-Identifier: Apache-2.0 */
/* --help, laid out for the width of the terminal. */
#pragma once
#include <stddef.h>

struct command;
struct option_row;
struct str;

void help_all(void);
void help_command(const struct command *command);

/* Columns of the terminal on standard output; 80 where there is none. */
size_t help_width(void);
/* Text of both (pure). width: columns to fit into. */
void help_format_all(struct str *to, size_t width);
void help_format_command(struct str *to, const struct command *command, size_t width);
/* "-e, --env KEY[=VALUE]" */
void help_option_label(struct str *to, const struct option_row *row);
