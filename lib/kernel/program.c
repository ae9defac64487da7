/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and opening programs; runs in rlc, as the user. */
#include "lib/kernel/program.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/strv.h"
#include "lib/kernel/sysctl.h"

#include <fcntl.h>
#include <sys/stat.h>

char *program_find(const char *name)
{
	auto_strv struct strv folders = {0};
	const char *path = getenv("PATH");

	strv_split(&folders, path ? path : "/usr/local/bin:/usr/bin:/bin", ":");
	for (size_t i = 0; i < folders.n; i++) {
		auto_free char *file = xasprintf("%s/%s", folders.v[i], name);

		/* A relative one would be whatever lies where the caller stands. */
		if (folders.v[i][0] == '/' && access(file, X_OK) == 0)
			return take_ptr(file);
	}
	return NULL;
}

/*
 * In a user namespace that does not map the host's root its files show as nobody's, as do those of
 * every other user: there is no telling them apart.
 */
static bool is_unmapped(uid_t owner)
{
	auto_free char *map = NULL;
	struct err ignored;
	int64_t overflow;
	unsigned int inside, outside, count;

	return sysctl_read_i64("kernel/overflowuid", &overflow) && (int64_t)owner == overflow &&
	       file_read(AT_FDCWD, "/proc/self/uid_map", 4096, &map, NULL, &ignored) == 0 &&
	       sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 && count != UINT32_MAX;
}

int program_open(const char *path, struct err *e)
{
	auto_fd int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_msg(e, "%s is not a file", path);
	if ((st.st_uid == 0 || st.st_uid == geteuid() || is_unmapped(st.st_uid)) &&
	    !(st.st_mode & S_IWOTH))
		return take_fd(&fd);
	err_msg(e, "%s can be changed by other users: it is not started", path);
	return err_hint(e, "chown %u '%s' && chmod go-w '%s'", geteuid(), path, path);
}
