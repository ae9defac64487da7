/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what a container's group uses; for `rlc stats`, as the user. */
#include "lib/kernel/cgroup_usage.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/kernel/cgroup_events.h"

#include <ctype.h>
#include <fcntl.h>

enum { FILE_MAX = 1 << 20 }; /* io.stat has a line for each block device */

static bool add_number(const char *digits, uint64_t *sum)
{
	unsigned long long value;

	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	value = strtoull(digits, NULL, 10);
	return errno == 0 && !__builtin_add_overflow(*sum, value, sum);
}

bool cgroup_parse_io(const char *text, uint64_t *ret_read, uint64_t *ret_written)
{
	uint64_t bytes_read = 0, bytes_written = 0;

	for (const char *word = text; *word; word += strspn(word, " \n")) {
		if (str_starts(word, "rbytes=") && !add_number(word + 7, &bytes_read))
			return false;
		if (str_starts(word, "wbytes=") && !add_number(word + 7, &bytes_written))
			return false;
		word += strcspn(word, " \n");
	}
	*ret_read = bytes_read;
	*ret_written = bytes_written;
	return true;
}

/* NULL: the file is not there. */
static char *text_of(int group, const char *name)
{
	struct err ignored;
	char *text = NULL;

	return file_read(group, name, FILE_MAX, &text, NULL, &ignored) < 0 ? NULL : text;
}

static void read_number(int group, const char *name, uint64_t *ret)
{
	auto_free char *text = text_of(group, name);

	if (text)
		(void)cgroup_parse_number(text, ret);
}

void cgroup_usage_read(const char *path, struct cgroup_usage *ret)
{
	auto_fd int group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	auto_free char *cpu = NULL, *io = NULL;

	*ret = (struct cgroup_usage){CGROUP_UNKNOWN, CGROUP_UNKNOWN, CGROUP_UNKNOWN,
				     CGROUP_UNKNOWN, CGROUP_UNKNOWN, CGROUP_UNKNOWN};
	if (group < 0)
		return;
	cpu = text_of(group, "cpu.stat");
	io = text_of(group, "io.stat");
	if (cpu)
		(void)cgroup_parse_keyed(cpu, "usage_usec", &ret->cpu_usec);
	if (io)
		(void)cgroup_parse_io(io, &ret->read, &ret->written);
	read_number(group, "memory.current", &ret->memory);
	read_number(group, "memory.max", &ret->memory_max);
	read_number(group, "pids.current", &ret->pids);
}
