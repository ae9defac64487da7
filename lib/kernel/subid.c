/* SPDX-License-Identifier: Apache-2.0 */
/* Subordinate ids; runs as the user, before any namespace exists. */
#include "lib/kernel/subid.h"

#include "config.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

#include <dlfcn.h>
#include <fcntl.h>
#ifdef HAVE_SUBID_H
#include <shadow/subid.h>
#endif

enum { SUBID_FILE_MAX = 8 << 20 }; /* sites with 100,000 users stay far below */

static int parse_line(const char *line, size_t len, const char *where, size_t number,
		      const char *user, const char *id, struct subid_span *ret, struct err *e)
{
	auto_free char *copy = xstrndup(line, len);
	char *start = strchr(copy, ':'), *count = start ? strchr(start + 1, ':') : NULL;
	int64_t first, n;

	if (copy[0] == '\0' || copy[0] == '#')
		return 0;
	if (!count) {
		err_msg(e, "%s:%zu: not of the form name:first:count", where, number);
		return err_hint(e, "see subuid(5); remove or mend the line as root");
	}
	*start++ = *count++ = '\0';
	if (strcmp(copy, user) != 0 && strcmp(copy, id) != 0)
		return 0;
	if (!str_to_i64(start, 1, UINT32_MAX - 1, &first) ||
	    !str_to_i64(count, 0, UINT32_MAX - first, &n)) {
		err_msg(e, "%s:%zu: ids %s:%s are no range of numbers", where, number, start,
			count);
		return err_hint(e, "see subuid(5); remove or mend the line as root");
	}
	*ret = (struct subid_span){(uint32_t)first, (uint32_t)n};
	return n > 0;
}

int subid_parse(const char *text, const char *name, const char *user, uint32_t id,
		struct subid_span *ret, size_t room, struct err *e)
{
	char digits[16];
	size_t taken = 0, number = 0;

	snprintf(digits, sizeof(digits), "%u", id);
	while (*text && taken < room) {
		size_t len = strcspn(text, "\n");
		int got = parse_line(text, len, name, ++number, user, digits, &ret[taken], e);

		if (got < 0)
			return -1;
		taken += (size_t)got;
		text += len + (text[len] == '\n');
	}
	return (int)taken;
}

bool subid_wants_library(const char *nsswitch)
{
	auto_strv struct strv words = {0};

	while (*nsswitch) {
		size_t len = strcspn(nsswitch, "\n");

		if (str_starts(nsswitch, "subid:")) {
			auto_free char *line = xstrndup(nsswitch, len);

			strv_split(&words, line + strlen("subid:"), " \t");
			break;
		}
		nsswitch += len + (nsswitch[len] == '\n');
	}
	return words.n > 0 && strcmp(words.v[0], "files") != 0;
}

#ifdef HAVE_SUBID_H
/*
 * Loaded only where nsswitch.conf asks for it: the library costs more than the container, and for
 * the files it reads what we read.
 */
static int from_library(const char *user, bool groups, struct subid_span *ret, size_t room)
{
	void *lib = dlopen("libsubid.so.4", RTLD_NOW | RTLD_LOCAL);
	int (*ranges)(const char *, struct subid_range **);
	struct subid_range *found = NULL;
	size_t taken = 0;
	int n;

	if (!lib)
		return -1;
	ranges = (int (*)(const char *, struct subid_range **))dlsym(
	    lib, groups ? "subid_get_gid_ranges" : "subid_get_uid_ranges");
	n = ranges ? ranges(user, &found) : -1;
	for (int i = 0; i < n && taken < room; i++)
		if (found[i].count && found[i].start + found[i].count <= UINT32_MAX)
			ret[taken++] =
			    (struct subid_span){(uint32_t)found[i].start, (uint32_t)found[i].count};
	free(found);
	dlclose(lib);
	return n < 0 ? -1 : (int)taken;
}
#else
static int from_library(const char *user, bool groups, struct subid_span *ret, size_t room)
{
	(void)user, (void)groups, (void)ret, (void)room;
	return -1;
}
#endif

int subid_spans(const char *user, uint32_t id, bool groups, struct subid_span *ret, size_t room,
		struct err *e)
{
	const char *path = groups ? "/etc/subgid" : "/etc/subuid";
	auto_free char *nsswitch = NULL, *text = NULL;
	int n;

	if (file_read(AT_FDCWD, "/etc/nsswitch.conf", 1 << 20, &nsswitch, NULL, e) == 0 &&
	    subid_wants_library(nsswitch)) {
		n = from_library(user, groups, ret, room);
		if (n >= 0)
			return n;
	}
	if (file_read(AT_FDCWD, path, SUBID_FILE_MAX, &text, NULL, e) < 0)
		return e->sys == ENOENT ? 0 : -1;
	return subid_parse(text, path, user, id, ret, room, e);
}
