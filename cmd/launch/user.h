/* SPDX-License-Identifier: Apache-2.0 */
/* Who a container's process runs as, by the image's own passwd(5) and group(5). */
#pragma once
#include "lib/base/strv.h"

#include <stdint.h>

struct err;

struct user {
	uint32_t uid, gid;
	uint32_t *groups; /* supplementary */
	size_t n_groups;
	char *home; /* absolute, never NULL */
};

/*
 * asked: "", "name", "uid", "name:group", "uid:gid", … as --user and the image's USER have it.
 * passwd and group are texts of the image (untrusted; pure; fuzzed), "" when it has none. Without
 * a group in `asked`, the groups that list the user are taken; `add` (names or numbers) always.
 */
int user_resolve(const char *asked, const struct strv *add, const char *passwd, const char *group,
		 struct user *ret, struct err *e);
void user_free(struct user *u);
