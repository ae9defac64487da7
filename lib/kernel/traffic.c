/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the counters of a container's network cards; for `rlc stats`, as the user. */
#include "lib/kernel/traffic.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { FILE_MAX = 1 << 20, FIELDS = 16, RECEIVED = 0, SENT = 8 };

static bool parse_card(const char *numbers, struct traffic *sum)
{
	for (int i = 0; i < FIELDS; i++) {
		unsigned long long value;
		char *end;

		numbers += strspn(numbers, " ");
		if (!isdigit((unsigned char)*numbers))
			return false;
		errno = 0;
		value = strtoull(numbers, &end, 10);
		if (errno ||
		    (i == RECEIVED &&
		     __builtin_add_overflow(sum->received, value, &sum->received)) ||
		    (i == SENT && __builtin_add_overflow(sum->sent, value, &sum->sent)))
			return false;
		numbers = end;
	}
	return true;
}

bool traffic_parse(const char *text, struct traffic *ret)
{
	struct traffic sum = {0};

	for (const char *line = text; *line; line += *line == '\n') {
		const char *name = line + strspn(line, " ");
		size_t n = strcspn(name, ":\n");

		/* The two lines of headings have no colon. */
		if (name[n] == ':' && !(n == 2 && memcmp(name, "lo", 2) == 0) &&
		    !parse_card(name + n + 1, &sum))
			return false;
		line += strcspn(line, "\n");
	}
	*ret = sum;
	return true;
}

bool traffic_of(pid_t pid, struct traffic *ret)
{
	auto_free char *dev = xasprintf("/proc/%d/net/dev", pid);
	auto_free char *ns = xasprintf("/proc/%d/ns/net", pid);
	auto_free char *text = NULL;
	struct stat own, other;
	struct err ignored;

	if (stat("/proc/self/ns/net", &own) < 0 || stat(ns, &other) < 0 ||
	    (own.st_dev == other.st_dev && own.st_ino == other.st_ino))
		return false;
	return file_read(AT_FDCWD, dev, FILE_MAX, &text, NULL, &ignored) == 0 &&
	       traffic_parse(text, ret);
}
