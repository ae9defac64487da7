/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers for /proc/PID/cgroup, cgroup.controllers and mountinfo (proc(5), cgroups(7)). */
#include "lib/kernel/cgroup_parse.h"

#include <string.h>

static const char *const names[CGROUP_CONTROLLERS] = {
    [CGROUP_MEMORY] = "memory", [CGROUP_PIDS] = "pids", [CGROUP_CPU] = "cpu",
    [CGROUP_CPUSET] = "cpuset", [CGROUP_IO] = "io",
};

const char *cgroup_controller_name(enum cgroup_controller c)
{
	return names[c];
}

/* The bit of one word; version 1 calls io blkio. */
static uint32_t controller_bit(const char *word, size_t n)
{
	if (n == strlen("blkio") && memcmp(word, "blkio", n) == 0)
		return 1u << CGROUP_IO;
	for (unsigned int c = 0; c < CGROUP_CONTROLLERS; c++)
		if (strlen(names[c]) == n && memcmp(names[c], word, n) == 0)
			return 1u << c;
	return 0;
}

static uint32_t parse_words(const char *text, size_t n, const char *separators)
{
	const char *end = text + n;
	uint32_t found = 0;

	while (text < end) {
		size_t word = strcspn(text, separators);

		if (word > (size_t)(end - text))
			word = (size_t)(end - text);
		found |= controller_bit(text, word);
		text += word + 1;
	}
	return found;
}

uint32_t cgroup_parse_controllers(const char *text)
{
	return parse_words(text, strlen(text), " \n");
}

/* Start of the next line, or NULL after the last one. */
static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line && line[1] ? line + 1 : NULL;
}

bool cgroup_parse_own(const char *text, char *ret, size_t room)
{
	static const char deleted[] = " (deleted)";

	for (const char *line = text; line; line = next_line(line)) {
		const char *path = line + strlen("0::");
		size_t n;

		if (strncmp(line, "0::", strlen("0::")) != 0)
			continue;
		n = strcspn(path, "\n");
		if (n == 0 || n >= room || path[0] != '/' || memmem(path, n, "/..", 3))
			return false;
		if (n >= strlen(deleted) &&
		    memcmp(path + n - strlen(deleted), deleted, strlen(deleted)) == 0)
			return false;
		memcpy(ret, path, n);
		ret[n] = '\0';
		return true;
	}
	return false;
}

uint32_t cgroup_parse_v1(const char *text)
{
	uint32_t found = 0;

	for (const char *line = text; line; line = next_line(line)) {
		const char *list = strchr(line, ':');
		const char *end = list ? strchr(list + 1, ':') : NULL;

		if (end && line[0] != '0' && end < line + strcspn(line, "\n"))
			found |= parse_words(list + 1, (size_t)(end - list) - 1, ",:");
	}
	return found;
}

/* Copies a mountinfo field, where blank, tab, newline and backslash stand as \ooo. */
static bool unescape_field(const char *field, size_t n, char *ret, size_t room)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		char c = field[i];

		if (c == '\\' && i + 3 < n && strspn(field + i + 1, "01234567") >= 3) {
			c = (char)((field[i + 1] - '0') << 6 | (field[i + 2] - '0') << 3 |
				   (field[i + 3] - '0'));
			i += 3;
		}
		if (out + 1 >= room || c == '\0')
			return false;
		ret[out++] = c;
	}
	ret[out] = '\0';
	return out > 0;
}

bool cgroup_parse_mount(const char *mountinfo, char *mount, size_t mount_room, char *root,
			size_t root_room)
{
	enum { ROOT = 3, POINT = 4 }; /* fields, counted from 0: proc(5) */

	for (const char *line = mountinfo; line; line = next_line(line)) {
		const char *end = line + strcspn(line, "\n");
		const char *dash = memmem(line, (size_t)(end - line), " - cgroup2 ", 11);
		const char *field[POINT + 1], *at = line;
		size_t length[POINT + 1];

		if (!dash)
			continue;
		for (size_t i = 0; i <= POINT; i++) {
			field[i] = at;
			length[i] = strcspn(at, " \n");
			at += length[i] + (at[length[i]] == ' ');
		}
		if (at <= dash + 1 && field[POINT][0] == '/' &&
		    unescape_field(field[POINT], length[POINT], mount, mount_room) &&
		    unescape_field(field[ROOT], length[ROOT], root, root_room))
			return true;
	}
	return false;
}
