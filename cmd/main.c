/* SPDX-License-Identifier: Apache-2.0 */
/* rlc: finds the command, runs it, and turns what comes of it into an exit status. */
#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/report.h"
#include "config.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"

#include <stdio.h>

/* What Podman has and rlc has not; "system prune" has another way than "system". */
static bool refuse_known(int argc, char **argv, struct err *e)
{
	auto_free char *both = argc > 1 ? xasprintf("%s %s", argv[0], argv[1]) : NULL;
	const char *name = both, *way = both ? command_refused(both) : NULL;

	if (!way) {
		name = argv[0];
		way = command_refused(name);
	}
	if (!way)
		return false;
	err_msg(e, "this version has no command \"%s\"", name);
	err_hint(e, "%s", way);
	return true;
}

static int run_command(struct context *c, int argc, char **argv, struct err *e)
{
	const char *nearest, *option = NULL;
	const char *grouped = argc > 1 ? command_grouped(argv[0], argv[1], &option) : NULL;
	char given[32];

	if (grouped && option) {
		snprintf(given, sizeof(given), "%s", option);
		argv[1] = given; /* in the place of the second word */
	} else if (grouped) {
		argc--;
		argv++;
	}
	c->command = command_find(grouped ? grouped : argv[0]);
	if (!c->command) {
		if (refuse_known(argc, argv, e))
			return -1;
		nearest = command_nearest(argv[0]);
		err_msg(e, "unknown command \"%s\"", argv[0]);
		if (nearest)
			return err_hint(e, "did you mean: rlc %s", nearest);
		return err_hint(e, "see: rlc --help");
	}
	if (option_wants_help(c->command->options, argc, argv)) {
		help_command(c->command);
		return 0;
	}
	if (!c->command->bare && context_settings(c, e) < 0)
		return -1;
	return c->command->run(c, argc, argv, e);
}

/* The options before the command, then the command. Returns the exit status, or -1. */
static int run(struct context *c, int argc, char **argv, struct err *e)
{
	int at, level;

	if (option_wants_help(&global_options, argc, argv)) {
		help_all();
		return 0;
	}
	at = option_parse(&global_options, argc, argv, &c->global, e);
	if (at < 0)
		return -1;
	if (c->global.log_level) {
		level = log_level_parse(c->global.log_level);
		log_set_level((enum log_level)level); /* the setter has seen to it */
	}
	if (c->global.version) {
		puts("rlc " RLC_VERSION);
		return 0;
	}
	if (at == argc) {
		err_msg(e, "no command given");
		return err_hint(e, "see: rlc --help");
	}
	return run_command(c, argc - at, argv + at, e);
}

/* A full disk or a closed pipe must not look like success. */
static int finish_output(struct err *e)
{
	if (fflush(stdout) != 0)
		return err_sys(e, "write to standard output");
	/* What is longer than stdio's buffer has failed earlier, and the reason is gone. */
	if (ferror(stdout))
		return err_msg(e, "write to standard output: part of it was not taken");
	return 0;
}

int main(int argc, char **argv)
{
	struct context c = {.dirs = {.data_fd = -1, .run_fd = -1}};
	struct err e = {.exit = EXIT_LAUNCHER};
	int status = fd_fill_stdio() < 0 ? err_sys(&e, "open /dev/null") : run(&c, argc, argv, &e);

	if (status >= 0 && finish_output(&e) < 0)
		status = -1;
	if (status < 0) {
		report_error(&e);
		status = e.exit ? e.exit : EXIT_LAUNCHER;
	}
	context_free(&c);
	return status;
}
