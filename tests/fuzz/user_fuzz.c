/* SPDX-License-Identifier: Apache-2.0 */
/* user_resolve: the input is who is asked for, passwd and group, each ended by a NUL. */
#include "cmd/launch/user.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct strv none = {0};
	char *parts[3];
	struct user u;
	struct err e = {0};

	for (size_t i = 0; i < array_len(parts); i++) {
		const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
		size_t n = nul ? (size_t)(nul - data) : size;

		parts[i] = xstrndup(n ? (const char *)data : "", n);
		data += nul ? n + 1 : n;
		size -= nul ? n + 1 : n;
	}
	if (user_resolve(parts[0], &none, parts[1], parts[2], &u, &e) == 0) {
		/* (uid_t)-1 is "leave as it is" to setresuid(2). */
		if (u.uid == UINT32_MAX || u.gid == UINT32_MAX || u.home[0] != '/')
			abort();
		user_free(&u);
	} else if (!e.what[0]) {
		abort();
	}
	for (size_t i = 0; i < array_len(parts); i++)
		free(parts[i]);
	return 0;
}
