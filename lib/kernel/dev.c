/* SPDX-License-Identifier: Apache-2.0 */
/* Lists /dev for --privileged; runs in the host process. */
#include "lib/kernel/dev.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 3 };

static bool is_own_or_terminal(const char *name)
{
	static const char *const skipped[] = {"pts", "shm", "mqueue", "fd", "console", "ptmx"};

	for (size_t i = 0; i < array_len(skipped); i++)
		if (strcmp(name, skipped[i]) == 0)
			return true;
	return str_starts(name, "tty") && strcmp(name, "tty") != 0;
}

static void list(const char *folder, int depth, struct strv *ret)
{
	auto_dir DIR *d = opendir(folder);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		auto_free char *path = NULL;
		struct stat st;

		if (entry->d_name[0] == '.' || is_own_or_terminal(entry->d_name) ||
		    fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		path = xasprintf("%s/%s", folder, entry->d_name);
		if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
			strv_add(ret, path);
		else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			list(path, depth + 1, ret);
	}
}

void dev_list(struct strv *ret)
{
	list("/dev", 0, ret);
}
