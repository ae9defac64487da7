/* SPDX-License-Identifier: Apache-2.0 */
/* Subordinate ids of a user: from libsubid where nsswitch.conf names a source, else the files. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct subid_span {
	uint32_t start, count;
};

/*
 * Parses the text of /etc/subuid or /etc/subgid (subuid(5)); lines of `user` or of the number `id`
 * are taken, in order (pure; fuzzed). A line that cannot be read is an error naming file:line.
 * ret has room for `room` spans; what does not fit is left out. Returns the number taken, or -1.
 */
int subid_parse(const char *text, const char *name, const char *user, uint32_t id,
		struct subid_span *ret, size_t room, struct err *e);
/* The spans of a user: groups=false for uids, true for gids. 0 when there are none. */
int subid_spans(const char *user, uint32_t id, bool groups, struct subid_span *ret, size_t room,
		struct err *e);
/* Whether the text of nsswitch.conf(5) names another source for subid than the files (pure). */
bool subid_wants_library(const char *nsswitch);
