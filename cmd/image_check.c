/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc image check`: whether the store is whole. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/idmap.h"
#include "storage/audit.h"

struct check_request {
	bool quiet;
};

static const struct option_row rows[] = {
    {"quiet", 'q', .group = "Options", .help = "Print faults alone", .set = option_set_bool,
     .at = option_at(struct check_request, quiet, bool)},
};

const struct option_set image_check_options = {
    .program = "rlc image check",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

int cmd_image_check(struct context *c, int argc, char **argv, struct err *e)
{
	struct check_request r = {0};
	struct audit a = {0};
	const struct dirs *d;
	struct id_map map;
	int rc;

	if (command_parse(c, argc, argv, &r, e) < 0 || context_dirs(c, &d, e) < 0 ||
	    idmap_for_caller(&map, e) < 0 || audit_store(d, &map, &a, e) < 0)
		return -1;
	for (size_t i = 0; i < a.faults.n; i++)
		printf("%s\n  fix: %s\n", a.faults.v[i], a.fixes.v[i]);
	if (!r.quiet)
		printf("%zu image%s, %zu layer%s and %zu blob%s checked: %zu fault%s\n", a.images,
		       plural(a.images), a.layers, plural(a.layers), a.blobs, plural(a.blobs),
		       a.faults.n, plural(a.faults.n));
	rc = a.faults.n ? 1 : 0;
	audit_free(&a);
	return rc;
}
