/* SPDX-License-Identifier: Apache-2.0 */
/* Reads whether a group's limits were reached; in whoever writes down a container's end. */
#include "lib/kernel/cgroup_events.h"

#include "lib/base/auto.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

/* Digits and then the line's end; "18446744073709551615" is the most. */
static bool parse_digits(const char *text, uint64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && (*end == '\n' || *end == '\0');
}

bool cgroup_parse_keyed(const char *text, const char *key, uint64_t *ret)
{
	size_t n = strlen(key);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		uint64_t value;

		line += *line == '\n';
		if (strncmp(line, key, n) != 0 || line[n] != ' ')
			continue;
		if (!parse_digits(line + n + 1, &value))
			return false;
		*ret = value;
		return true;
	}
	return false;
}

bool cgroup_parse_number(const char *text, uint64_t *ret)
{
	uint64_t value = CGROUP_NO_LIMIT;

	if (strcmp(text, "max\n") != 0 && strcmp(text, "max") != 0 && !parse_digits(text, &value))
		return false;
	*ret = value;
	return true;
}

/* These files come whole in one read, and are shorter than this. */
static bool read_file(int group, const char *name, char *buf, size_t room)
{
	auto_fd int fd = openat(group, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, room - 1);

	if (n < 0)
		return false;
	buf[n] = '\0';
	return true;
}

void cgroup_events_read(const char *path, struct cgroup_events *ret)
{
	struct cgroup_events events = {.memory_max = CGROUP_NO_LIMIT, .pids_max = CGROUP_NO_LIMIT};
	auto_fd int group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	char text[512];

	if (group >= 0 && read_file(group, "memory.events", text, sizeof(text))) {
		(void)cgroup_parse_keyed(text, "oom", &events.ooms);
		(void)cgroup_parse_keyed(text, "oom_kill", &events.oom_kills);
	}
	if (group >= 0 && read_file(group, "pids.events", text, sizeof(text)))
		(void)cgroup_parse_keyed(text, "max", &events.refused);
	if (group >= 0 && read_file(group, "memory.max", text, sizeof(text)))
		(void)cgroup_parse_number(text, &events.memory_max);
	if (group >= 0 && read_file(group, "pids.max", text, sizeof(text)))
		(void)cgroup_parse_number(text, &events.pids_max);
	*ret = events;
}
