/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of rlc. Each is one row of `commands` (commands.c), one function cmd_NAME in a file
 * of that name, and one table of options from which parsing, help, completion and manual come.
 */
#pragma once
#include "cmd/settings.h"
#include "lib/base/option.h"
#include "lib/state/dirs.h"

#include <stdbool.h>
#include <stddef.h>

struct err;
struct command;

/* Options before the command; NULL: not given. */
struct global_options {
	char *root, *runroot, *log_level, *config;
	bool version;
};

/* What a command is given. Folders are opened only by the command that asks for them. */
struct context {
	const struct command *command;
	struct global_options global;
	struct settings settings; /* read before any command without `bare` */
	struct dirs dirs;	  /* valid after context_dirs() */
	bool dirs_opened;
};

struct command {
	const char *name;     /* two words: reached by a row of command_groups alone */
	const char *alias;    /* second name ("ps": "list"), or NULL */
	const char *operands; /* "IMAGE [COMMAND [ARG...]]" */
	const char *summary;  /* one line */
	const struct option_set *options;
	int min_operands, max_operands; /* max -1: any number */
	bool bare;			/* works without reading the configuration */
	bool hidden;			/* not listed in --help */
	/* Returns the exit status, or -1 with the error (whose .exit is the status then). */
	int (*run)(struct context *c, int argc, char **argv, struct err *e);
};

extern const struct command commands[];
extern const size_t n_commands;
extern const struct option_set global_options;

/* By name or alias, or NULL. */
const struct command *command_find(const char *name);
/* Podman's longer spelling of a command; option: what it then is given first, or NULL. */
struct command_group {
	const char *group, *verb, *command, *option;
};

extern const struct command_group command_groups[];
extern const size_t n_command_groups;

/* Whether it is one of the groups: its second word says what is to be done. */
bool command_is_group(const struct command *command);
/*
 * Two words ("container", "ls") → the command ("ps"), or NULL. *ret_option: what it then is given
 * first ("--type=image"), or NULL.
 */
const char *command_grouped(const char *group, const char *verb, const char **ret_option);
/* A command of Podman's that is not here, of one word or two → the nearest way, or NULL. */
const char *command_refused(const char *name);
/* Nearest name for "did you mean", or NULL. */
const char *command_nearest(const char *name);
/*
 * Parses the options of c->command into *to and checks how many operands follow. Returns the index
 * of the first operand in argv, or -1.
 */
int command_parse(const struct context *c, int argc, char **argv, void *to, struct err *e);

/* Opens the data and run folders once; the second call costs nothing. */
int context_dirs(struct context *c, const struct dirs **ret, struct err *e);
/* Reads the configuration and applies its log level. Called by main(). */
int context_settings(struct context *c, struct err *e);
void context_free(struct context *c);
