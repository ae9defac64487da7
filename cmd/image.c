/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc image` without a word that says what about images. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "lib/base/err.h"

int cmd_image(struct context *c, int argc, char **argv, struct err *e)
{
	int at = command_parse(c, argc, argv, NULL, e);

	if (at < 0)
		return -1;
	if (at == argc)
		err_msg(e, "image: what about images?");
	else
		err_msg(e, "image: \"%s\" is not known", argv[at]);
	return err_hint(e, "write rlc image and one of: %s", c->command->operands);
}
