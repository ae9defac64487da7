/* SPDX-License-Identifier: Apache-2.0 */
/* Ports out of a record; in `rlc ps`, `rlc port` and `rlc inspect`. */
#include "cmd/ports_of.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/state/record.h"

#include <arpa/inet.h>

void ports_of(const struct record *r, struct portmaps *ret)
{
	struct err ignored;

	*ret = (struct portmaps){0};
	for (size_t i = 0; i < r->ports.n; i++)
		(void)portmap_parse(r->ports.v[i], ret, &ignored);
}

static char *key_of(const struct portmap *m)
{
	return xasprintf("%u/%s", m->container, portmap_protocol_name(m->protocol));
}

static void add_binding(struct json_object *o, const struct portmap *m)
{
	auto_free char *key = key_of(m), *port = xasprintf("%u", m->host);
	struct json_object *list = NULL, *one = json_object_new_object();
	char buf[INET6_ADDRSTRLEN];

	if (!json_object_object_get_ex(o, key, &list))
		list = json_add_array(o, key);
	json_add_str(one, "HostIp", m->family ? portmap_address(m, buf) : "");
	json_add_str(one, "HostPort", port);
	json_object_array_add(list, one);
}

struct json_object *ports_to_bindings(const struct portmaps *ports, const struct portmaps *exposed)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < ports->n; i++)
		add_binding(o, &ports->v[i]);
	for (size_t i = 0; i < exposed->n; i++) {
		auto_free char *key = key_of(&exposed->v[i]);

		if (!json_object_object_get_ex(o, key, NULL))
			json_object_object_add(o, key, NULL);
	}
	return o;
}
