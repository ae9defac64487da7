/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands and the options that stand before them. */
#include "cmd/commands.h"

#include "cmd/command.h"
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/path.h"

#include <string.h>

/* clang-format off */
const struct command commands[] = {
	{"completion", NULL, "bash|zsh|fish", "Print a script that completes rlc's words in a shell",
	 &completion_options, 1, 1, .bare = true, .run = cmd_completion},
	{"container", NULL, "inspect|kill|logs|ls|pause|port|rm|run|stats|stop|unpause|update",
	 "Do with containers what the next word says",
	 &no_options, 0, -1, .bare = true, .run = cmd_group},
	{"doctor", NULL, "", "Tell whether this host can run containers, and how to mend it",
	 &doctor_options, 0, 0, .bare = true, .run = cmd_doctor},
	{"finish", NULL, "ID STATUS", "Write down that a container has ended (by its monitor)",
	 &finish_options, 2, 2, .bare = true, .hidden = true, .run = cmd_finish},
	{"help", NULL, "[COMMAND]", "Tell how rlc or one of its commands is used", &no_options, 0, 2,
	 .bare = true, .run = cmd_help},
	{"image", NULL, "check|import|inspect|load|ls|prune|pull|rm|tag",
	 "Do with images what the next word says",
	 &no_options, 0, -1, .bare = true, .run = cmd_group},
	{"image check", NULL, "", "Verify that every image of the store is whole",
	 &image_check_options, 0, 0, .run = cmd_image_check},
	{"image prune", NULL, "", "Remove images that no container has", &image_prune_options, 0, 0,
	 .run = cmd_image_prune},
	{"images", NULL, "[NAME[:TAG]]", "List images", &images_options, 0, 1, .run = cmd_images},
	{"import", NULL, "FILE [NAME[:TAG]]", "Make an image of a tar of a root file system",
	 &import_options, 1, 2, .run = cmd_import},
	{"info", NULL, "", "Print what rlc found on this host", &info_options, 0, 0, .run = cmd_info},
	{"inspect", NULL, "NAME...", "Print all that is known of containers and images, as JSON",
	 &inspect_options, 0, -1, .run = cmd_inspect},
	{"kill", NULL, "CONTAINER...", "Send a signal to containers", &kill_options, 0, -1,
	 .run = cmd_kill},
	{"load", NULL, "[FILE|KIND:PATH[:NAME]]", "Load images from an archive or an OCI layout",
	 &load_options, 0, 1, .run = cmd_load},
	{"logs", NULL, "CONTAINER...", "Print what containers have said", &logs_options, 0, -1,
	 .run = cmd_logs},
	{"pause", NULL, "CONTAINER...", "Stop all processes of containers until they are unpaused",
	 &pause_options, 0, -1, .run = cmd_pause},
	{"port", NULL, "CONTAINER [PORT[/PROTOCOL]]", "Tell where published ports are found",
	 &port_options, 0, 2, .run = cmd_port},
	{"note", NULL, "ID TEXT", "Write down what happened to a container (by its monitor)",
	 &note_options, 2, 2, .bare = true, .hidden = true, .run = cmd_note},
	{"ps", "list", "", "List containers", &ps_options, 0, 0, .run = cmd_ps},
	{"pull", NULL, "NAME...", "Fetch images from registries", &pull_options, 1, -1,
	 .run = cmd_pull},
	{"rm", NULL, "CONTAINER...", "Remove containers", &rm_options, 0, -1, .run = cmd_rm},
	{"rmi", NULL, "IMAGE...", "Remove names of images, and with the last one the image",
	 &rmi_options, 0, -1, .run = cmd_rmi},
	{"run", NULL, "IMAGE [COMMAND [ARG...]]", "Run a command in a new container", &run_options, 1,
	 -1, .run = cmd_run},
	{"stats", NULL, "[CONTAINER...]", "Show what containers use, again and again",
	 &stats_options, 0, -1, .run = cmd_stats},
	{"stop", NULL, "CONTAINER...", "Ask containers to end, and kill those that do not",
	 &stop_options, 0, -1, .run = cmd_stop},
	{"tag", NULL, "IMAGE NAME[:TAG]...", "Give an image further names", &tag_options, 2, -1,
	 .run = cmd_tag},
	{"unpause", NULL, "CONTAINER...", "Let paused containers go on", &unpause_options, 0, -1,
	 .run = cmd_unpause},
	{"update", NULL, "CONTAINER...", "Change the limits of containers that run", &update_options,
	 0, -1, .run = cmd_update},
	{"version", NULL, "", "Print the version of rlc and of what it is built on", &version_options,
	 0, 0, .bare = true, .run = cmd_version},
};
/* clang-format on */
const size_t n_commands = array_len(commands);

const struct option_set no_options = {.program = "rlc", .outer = &global_options};

static int set_log_level(const struct option_row *row, void *to, const char *value, struct err *e)
{
	if (log_level_parse(value) < 0) {
		err_msg(e, "no such level");
		return err_hint(e, "write one of: error, warn, info, debug");
	}
	return option_set_text(row, to, value, e);
}

/* A relative folder would be another one for the monitor and for the next command. */
static int set_folder(const struct option_row *row, void *to, const char *value, struct err *e)
{
	if (value[0] != '/') {
		err_msg(e, "not an absolute path");
		return err_hint(e, "write a path that begins with \"/\"");
	}
	return option_set_text(row, to, value, e);
}

#define TEXT(member) option_at(struct global_options, member, char *)
#define BOOL(member) option_at(struct global_options, member, bool)

static const struct option_row global_rows[] = {
    {"config", .metavar = "FILE", .values = "@file", .group = "Options", .at = TEXT(config),
     .help = "Read this configuration instead of the two usual files", .set = option_set_text},
    {"log-level", .metavar = "LEVEL", .values = "error|warn|info|debug", .group = "Options",
     .help = "Say more or less on standard error (default: warn)", .at = TEXT(log_level),
     .set = set_log_level},
    {"root", .metavar = "FOLDER", .values = "@folder", .group = "Options", .at = TEXT(root),
     .help = "Keep images and containers there", .set = set_folder},
    {"runroot", .metavar = "FOLDER", .values = "@folder", .group = "Options",
     .help = "Keep there what need not outlive a boot", .at = TEXT(runroot), .set = set_folder},
    {"version", 'v', .group = "Options", .help = "Print the version", .at = BOOL(version),
     .set = option_set_bool},
};

const struct option_set global_options = {
    .program = "rlc",
    .rows = global_rows,
    .n_rows = array_len(global_rows),
    .stop_at_operand = true,
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < n_commands; i++)
		if (strcmp(commands[i].name, name) == 0 ||
		    (commands[i].alias && strcmp(commands[i].alias, name) == 0))
			return &commands[i];
	return NULL;
}

const struct command_group command_groups[] = {
    {"container", "inspect", "inspect", "--type=container"},
    {"container", "kill", "kill"},
    {"container", "list", "ps"},
    {"container", "logs", "logs"},
    {"container", "ls", "ps"},
    {"container", "pause", "pause"},
    {"container", "port", "port"},
    {"container", "ps", "ps"},
    {"container", "rm", "rm"},
    {"container", "run", "run"},
    {"container", "stats", "stats"},
    {"container", "stop", "stop"},
    {"container", "unpause", "unpause"},
    {"container", "update", "update"},
    {"image", "check", "image check"},
    {"image", "import", "import"},
    {"image", "inspect", "inspect", "--type=image"},
    {"image", "list", "images"},
    {"image", "load", "load"},
    {"image", "ls", "images"},
    {"image", "prune", "image prune"},
    {"image", "pull", "pull"},
    {"image", "rm", "rmi"},
    {"image", "tag", "tag"},
};
const size_t n_command_groups = array_len(command_groups);

bool command_is_group(const struct command *command)
{
	return command->run == cmd_group;
}

const char *command_grouped(const char *group, const char *verb, const char **ret_option)
{
	for (size_t i = 0; i < n_command_groups; i++) {
		const struct command_group *g = &command_groups[i];

		if (strcmp(g->group, group) == 0 && strcmp(g->verb, verb) == 0) {
			*ret_option = g->option;
			return g->command;
		}
	}
	return NULL;
}

const char *command_nearest(const char *name)
{
	auto_free const char **names = xcalloc(n_commands, sizeof(*names));

	for (size_t i = 0; i < n_commands; i++)
		names[i] = commands[i].hidden ? "" : commands[i].name;
	return option_nearest(name, names, n_commands);
}

/* The word of the synopsis that nothing stands for: "NAME[:TAG]...". */
static const char *missing_operand(const struct command *command, int given)
{
	const char *word = command->operands;

	while (given-- > 0 && strchr(word, ' '))
		word = strchr(word, ' ') + 1;
	return word;
}

int command_parse(const struct context *c, int argc, char **argv, void *to, struct err *e)
{
	const struct command *command = c->command;
	int at = option_parse(command->options, argc, argv, to, e), n = argc - at;

	if (at < 0)
		return -1;
	if (n >= command->min_operands && (command->max_operands < 0 || n <= command->max_operands))
		return at;
	if (n < command->min_operands)
		err_msg(e, "%s: %s is missing", command->name, missing_operand(command, n));
	else
		err_msg(e, "%s: \"%s\" is one too many", command->name,
			argv[at + command->max_operands]);
	return err_hint(e, "write: rlc %s%s%s", command->name, *command->operands ? " " : "",
			command->operands);
}
