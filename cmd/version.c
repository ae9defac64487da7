/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc version` and `rlc help`: what can be told without looking at the host. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "config.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"

#include <seccomp.h>
#include <yaml.h>

struct version_request {
	bool json;
};

static int set_format(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct version_request *r = to;

	(void)row;
	r->json = strcmp(value, "json") == 0;
	if (r->json)
		return 0;
	err_msg(e, "no such format");
	return err_hint(e, "write --format json, or leave it out");
}

static const struct option_row version_rows[] = {
    {"format", 'f', .metavar = "FORMAT", .values = "json", .group = "Options",
     .help = "Print in this format: json", .set = set_format},
};

const struct option_set version_options = {
    .program = "rlc version",
    .rows = version_rows,
    .n_rows = array_len(version_rows),
    .outer = &global_options,
};

int cmd_version(struct context *c, int argc, char **argv, struct err *e)
{
	const struct scmp_version *seccomp = seccomp_version();
	struct version_request r = {0};
	auto_json struct json_object *j = NULL;
	char seccomp_text[32];

	if (command_parse(c, argc, argv, &r, e) < 0)
		return -1;
	snprintf(seccomp_text, sizeof(seccomp_text), "%u.%u.%u", seccomp->major, seccomp->minor,
		 seccomp->micro);
	if (!r.json) {
		printf("%-12s %s\n%-12s %s\n%-12s %s\n%-12s %s\n", "rlc", RLC_VERSION, "libseccomp",
		       seccomp_text, "json-c", json_c_version(), "libyaml",
		       yaml_get_version_string());
		return 0;
	}
	j = json_object_new_object();
	json_add_str(j, "rlc", RLC_VERSION);
	json_add_str(j, "libseccomp", seccomp_text);
	json_add_str(j, "json-c", json_c_version());
	json_add_str(j, "libyaml", yaml_get_version_string());
	puts(json_text(j));
	return 0;
}

int cmd_help(struct context *c, int argc, char **argv, struct err *e)
{
	int at = command_parse(c, argc, argv, NULL, e);
	const char *grouped, *option;
	const struct command *command;

	if (at < 0)
		return -1;
	if (at == argc) {
		help_all();
		return 0;
	}
	grouped = at + 1 < argc ? command_grouped(argv[at], argv[at + 1], &option) : NULL;
	command = command_find(grouped ? grouped : argv[at]);
	if (!command || (at + 1 < argc && !grouped)) {
		err_msg(e, "unknown command \"%s\"", argv[at]);
		return err_hint(e, "see: rlc --help");
	}
	help_command(command);
	return 0;
}
