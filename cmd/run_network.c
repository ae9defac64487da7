/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of --network and --hostname. */
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "net/portmap.h"

/* What Podman has beside none and host. */
static const struct {
	const char *begin, *way;
} refused_networks[] = {
    {"private", "--network host shares the host's network, --network none has loopback alone"},
    {"bridge", "--network host shares the host's network, --network none has loopback alone"},
    {"slirp4netns", "--network host shares the host's network"},
    {"pasta", "--network host shares the host's network"},
    {"container:", "--network host shares the host's network with all that ask for it"},
    {"ns:", "enter the namespace first and share it: nsenter --net=PATH rlc run --network host"},
};

int run_set_network(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	for (size_t i = 0; i < array_len(refused_networks); i++) {
		if (!str_starts(value, refused_networks[i].begin))
			continue;
		err_msg(e, "this version has no such network");
		return err_hint(e, "%s", refused_networks[i].way);
	}
	r->network_asked = true;
	return option_set_choice(row, to, value, e);
}

int run_set_publish(const struct option_row *row, void *to, const char *value, struct err *e)
{
	auto_portmaps struct portmaps ports = {0};

	return portmap_parse(value, &ports, e) < 0 ? -1 : option_set_list(row, to, value, e);
}

int run_set_expose(const struct option_row *row, void *to, const char *value, struct err *e)
{
	auto_portmaps struct portmaps ports = {0};

	return portmap_parse_exposed(value, &ports, e) < 0 ? -1
							   : option_set_list(row, to, value, e);
}

/* It goes into /etc/hosts and /etc/hostname: nothing that could end a line or a word there. */
int run_set_hostname(const struct option_row *row, void *to, const char *value, struct err *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._";
	enum { HOST_NAME_LONGEST = 64 }; /* sethostname(2) */
	size_t n = strlen(value);

	if (!n || n > HOST_NAME_LONGEST || strspn(value, allowed) != n || value[0] == '-' ||
	    value[0] == '.') {
		err_msg(e, "not a host name");
		return err_hint(e,
				"allowed: up to 64 of letters, digits, \"-\", \"_\" and \".\", the "
				"first a letter or digit");
	}
	return option_set_text(row, to, value, e);
}
