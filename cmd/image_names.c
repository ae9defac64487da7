/* SPDX-License-Identifier: Apache-2.0 */
/* From a typed name to that of an image in the store. */
#include "cmd/image_names.h"

#include "cmd/command.h"
#include "cmd/pull_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/short_name.h"
#include "storage/store.h"

static const struct option_row rows[] = {
    {"registry-alias", .metavar = "NAME=HOST/PATH", .set = pull_set_alias,
     .at = option_at(struct image_names, aliases, struct strv)},
    {"registry-search", .metavar = "HOST[:PORT]", .set = pull_set_host,
     .at = option_at(struct image_names, search, struct strv)},
};

/* No command line has these: what other settings are about is no affair of a name. */
static const struct option_set settings_alone = {
    .program = "rlc",
    .rows = rows,
    .n_rows = array_len(rows),
};

int image_names_load(const struct context *c, struct image_names *ret, struct err *e)
{
	return settings_apply(&c->settings, false, &settings_alone, ret, e);
}

void image_names_free(struct image_names *n)
{
	strv_free(&n->aliases);
	strv_free(&n->search);
}

int image_names_find(const struct image_names *n, const struct dirs *d, const char *typed,
		     char **ret, struct err *e)
{
	auto_strv struct strv names = {0};

	short_name_here(typed, &n->aliases, &n->search, &names);
	if (store_first_name(d, &names, ret, e) < 0)
		return -1;
	if (!*ret)
		*ret = xstrdup(typed);
	return 0;
}
