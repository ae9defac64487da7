/* SPDX-License-Identifier: Apache-2.0 */
/* What commands share: configuration and folders, each read or opened once and only when asked. */
#include "cmd/command.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

#include <stdlib.h>

int context_settings(struct context *c, struct err *e)
{
	struct global_options typed = c->global;
	struct global_options all = {0};

	if (settings_load(&c->settings, typed.config, environ, e) < 0 ||
	    settings_apply(&c->settings, true, &global_options, &all, e) < 0)
		return -1;
	/* What was typed wins over what was configured. */
	c->global.root = typed.root ? typed.root : take_ptr(all.root);
	c->global.runroot = typed.runroot ? typed.runroot : take_ptr(all.runroot);
	c->global.log_level = typed.log_level ? typed.log_level : take_ptr(all.log_level);
	free(all.root);
	free(all.runroot);
	free(all.log_level);
	if (c->global.log_level)
		log_set_level((enum log_level)log_level_parse(c->global.log_level));
	return 0;
}

int context_dirs(struct context *c, const struct dirs **ret, struct err *e)
{
	if (!c->dirs_opened) {
		if (dirs_open(c->global.root, c->global.runroot, &c->dirs, e) < 0)
			return -1;
		c->dirs_opened = true;
	}
	*ret = &c->dirs;
	return 0;
}

void context_free(struct context *c)
{
	if (c->dirs_opened)
		dirs_close(&c->dirs);
	settings_free(&c->settings);
	free(c->global.root);
	free(c->global.runroot);
	free(c->global.log_level);
	free(c->global.config);
}
