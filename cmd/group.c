/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc container` and `rlc image` without a word that says what is to be done with them. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"

int cmd_group(struct context *c, int argc, char **argv, struct err *e)
{
	const char *group = c->command->name, *way;
	int at = command_parse(c, argc, argv, NULL, e);
	auto_free char *both = NULL;

	if (at < 0)
		return -1;
	if (at == argc) {
		err_msg(e, "%s: what about %ss?", group, group);
		return err_hint(e, "write rlc %s and one of: %s", group, c->command->operands);
	}
	both = xasprintf("%s %s", group, argv[at]);
	way = command_refused(both);
	if (!way)
		way = command_refused(argv[at]);
	if (way) {
		err_msg(e, "this version has no command \"%s\"", both);
		return err_hint(e, "%s", way);
	}
	err_msg(e, "%s: \"%s\" is not known", group, argv[at]);
	return err_hint(e, "write rlc %s and one of: %s", group, c->command->operands);
}
