/* SPDX-License-Identifier: Apache-2.0 */
/* `rlc port`: tells where containers' published ports are to be found. */
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/containers.h"
#include "cmd/ports_of.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/state/record_text.h"

enum { ID_SHOWN = 12 };

struct port_request {
	struct selection which;
};

/* clang-format off */
static const struct option_row rows[] = {
	SELECTION_ALL("Tell of every container that runs"),
	SELECTION_LATEST,
};
/* clang-format on */

const struct option_set port_options = {
    .program = "rlc port",
    .rows = rows,
    .n_rows = array_len(rows),
    .outer = &global_options,
};

static void print_one(const struct record *r, bool with_id, const struct portmap *m)
{
	auto_free char *host = portmap_host(m);

	if (with_id)
		printf("%.*s\t", ID_SHOWN, r->id);
	printf("%u/%s -> %s\n", m->container, portmap_protocol_name(m->protocol), host);
}

/* wanted: of the container, or NULL for all. */
static int print_ports(const struct record *r, bool with_id, const struct portmaps *wanted,
		       const char *wanted_text, struct err *e)
{
	auto_portmaps struct portmaps ports = {0};
	bool found = false;

	ports_of(r, &ports);
	for (size_t i = 0; i < ports.n; i++) {
		const struct portmap *m = &ports.v[i];
		auto_free char *host = portmap_host(m);

		if (!wanted) {
			print_one(r, with_id, m);
		} else if (m->container == wanted->v[0].container &&
			   m->protocol == wanted->v[0].protocol) {
			puts(host);
			found = true;
		}
	}
	if (!wanted || found)
		return 0;
	err_msg(e, "container %s publishes no port %s", r->name, wanted_text);
	return err_hint(e, "those that it publishes: rlc port %s", r->name);
}

static int tell(const struct dirs *d, const struct selected *s, bool with_id,
		const struct portmaps *wanted, const char *wanted_text, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < s->ids.n && result == 0; i++) {
		struct record r = {0};
		struct record_state state;

		if (record_load(d, s->ids.v[i], &r, &state, e) < 0)
			return -1;
		/* What ended listens nowhere. */
		if (state.status == STATUS_RUNNING)
			result = print_ports(&r, with_id, wanted, wanted_text, e);
		record_free(&r);
	}
	return result;
}

int cmd_port(struct context *c, int argc, char **argv, struct err *e)
{
	struct port_request r = {0};
	auto_selected struct selected s = {0};
	auto_portmaps struct portmaps wanted = {0};
	const struct dirs *d;
	int at = command_parse(c, argc, argv, &r, e), status = 0, result = -1, n = argc - at;
	const bool with_id = r.which.all, by_option = r.which.all || r.which.latest;
	const char *port = NULL;

	/* "CONTAINER PORT", or the port alone where an option names the container. */
	if (at >= 0 && n > (by_option ? 0 : 1))
		port = argv[at + --n];
	if (at >= 0 && port && portmap_parse_exposed(port, &wanted, e) < 0)
		err_ctx(e, "port");
	else if (at >= 0 && context_dirs(c, &d, e) == 0)
		result =
		    selection_find(&r.which, d, n, argv + at, 1u << STATUS_RUNNING, &s, &status, e);
	selection_free(&r.which);
	if (result < 0 || tell(d, &s, with_id, port ? &wanted : NULL, port, e) < 0)
		return -1;
	return status;
}
