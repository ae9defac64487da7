/* SPDX-License-Identifier: Apache-2.0 */
/* Name resolution files of a container; runs while planning. */
#include "net/resolv.h"

#include "lib/base/alloc.h"
#include "lib/base/str.h"

#include <string.h>

char *resolv_hosts(const char *host_text, bool host_network, const char *hostname, const char *name)
{
	struct str t = {0};

	if (host_network) {
		str_add(&t, host_text);
		if (t.len && !str_ends(str_get(&t), "\n"))
			str_add(&t, "\n");
	} else {
		str_add(&t, "127.0.0.1\tlocalhost localhost.localdomain\n"
			    "::1\tlocalhost localhost.localdomain ip6-localhost ip6-loopback\n");
	}
	str_addf(&t, "127.0.0.1\t%s", hostname);
	if (name && strcmp(name, hostname) != 0)
		str_addf(&t, " %s", name);
	str_add(&t, "\n");
	return str_take(&t);
}

char *resolv_conf(const char *host_text, bool host_network)
{
	return xstrdup(host_network ? host_text : "# this container has no network\n");
}
