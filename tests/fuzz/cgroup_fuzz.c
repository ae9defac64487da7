/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers of lib/kernel/cgroup_parse.h. */
#include "lib/base/alloc.h"
#include "lib/kernel/cgroup_parse.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	char own[32], mount[32], root[32];

	if (cgroup_parse_own(text, own, sizeof(own)) &&
	    (own[0] != '/' || strlen(own) >= sizeof(own) || strstr(own, "/..")))
		abort();
	if (cgroup_parse_mount(text, mount, sizeof(mount), root, sizeof(root)) &&
	    (mount[0] != '/' || strlen(mount) >= sizeof(mount) || strlen(root) >= sizeof(root)))
		abort();
	if ((cgroup_parse_controllers(text) | cgroup_parse_v1(text)) >> CGROUP_CONTROLLERS)
		abort();
	free(text);
	return 0;
}
