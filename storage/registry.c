/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses within a registry (distribution's API); pure, in rlc-fetch. */
#include "storage/registry.h"

#include "lib/base/alloc.h"

#include <string.h>

const char *registry_host(const struct registry *r)
{
	return strcmp(r->name, "docker.io") == 0 ? "registry-1.docker.io" : r->name;
}

char *registry_url(const struct registry *r, const char *kind, const char *what)
{
	const char *scheme = r->plain ? "http" : "https";

	/* Nothing is escaped: reference.h's grammar has no character that means something here. */
	if (!kind)
		return xasprintf("%s://%s/v2/", scheme, registry_host(r));
	return xasprintf("%s://%s/v2/%s/%s/%s", scheme, registry_host(r), r->repository, kind,
			 what);
}
