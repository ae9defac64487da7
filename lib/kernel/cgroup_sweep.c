/* SPDX-License-Identifier: Apache-2.0 */
/* Groups whose launcher was killed before it could set down that they exist. */
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/kernel/cgroup.h"

#include <fcntl.h>
#include <sys/file.h>

void cgroup_sweep(const struct cgroup_place *p, const char *prefix)
{
	auto_dir DIR *parent = p->delegated ? opendir(p->parent) : NULL;
	struct dirent *entry;

	while (parent && (entry = readdir(parent))) {
		auto_fd int fd = -1;

		if (entry->d_type != DT_DIR || !str_starts(entry->d_name, prefix))
			continue;
		fd = openat(dirfd(parent), entry->d_name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		/* A lock that is held: its launcher lives. A group with processes stays by itself.
		 */
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			(void)unlinkat(dirfd(parent), entry->d_name, AT_REMOVEDIR);
	}
}
