/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and making paths inside a tree that is not trusted. */
#include "lib/base/path.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int path_open_in(int root, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
	    .flags = (uint64_t)(flags | O_CLOEXEC),
	    .mode = flags & (O_CREAT | O_TMPFILE) ? mode : 0,
	    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	/* EAGAIN: a rename raced with "..", openat2(2) asks to try again. */
	for (int tries = 0; tries < 64; tries++) {
		fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

/* Makes one missing entry `name` in the already resolved folder `at`. */
static int make_entry(int at, const char *name, bool folder)
{
	auto_fd int made = -1;

	if (folder)
		return mkdirat(at, name, 0755) < 0 && errno != EEXIST ? -1 : 0;
	made = openat(at, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	return made < 0 && errno != EEXIST && errno != EISDIR ? -1 : 0;
}

int path_make_in(int root, const char *path, bool folder)
{
	auto_strv struct strv parts = {0};
	auto_str struct str so_far = {0};
	auto_fd int at = -1;

	at = path_open_in(root, path, O_PATH, 0);
	if (at >= 0 || errno != ENOENT)
		return take_fd(&at);
	strv_split(&parts, path, "/");
	at = path_open_in(root, ".", O_PATH | O_DIRECTORY, 0);
	for (size_t i = 0; at >= 0 && i < parts.n; i++) {
		bool last = i + 1 == parts.n;
		int next;

		str_addf(&so_far, "/%s", parts.v[i]);
		/* Each prefix is resolved anew from the root: a link in it may lead anywhere
		 * inside. */
		next = path_open_in(root, str_get(&so_far), O_PATH, 0);
		if (next < 0 && errno == ENOENT && make_entry(at, parts.v[i], !last || folder) == 0)
			next = path_open_in(root, str_get(&so_far), O_PATH, 0);
		close(at);
		at = next;
	}
	return take_fd(&at);
}

char *path_clean(const char *path)
{
	auto_strv struct strv parts = {0};
	struct str out = {0};
	size_t n = 0;

	strv_split(&parts, path, "/");
	for (size_t i = 0; i < parts.n; i++) {
		if (strcmp(parts.v[i], ".") == 0)
			continue;
		if (strcmp(parts.v[i], "..") == 0) {
			if (n)
				n--;
			continue;
		}
		if (n != i) {
			char *swap = parts.v[n];

			parts.v[n] = parts.v[i];
			parts.v[i] = swap;
		}
		n++;
	}
	for (size_t i = 0; i < n; i++)
		str_addf(&out, "/%s", parts.v[i]);
	if (n == 0)
		str_add(&out, "/");
	return str_take(&out);
}

bool path_is_beneath(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	if (strcmp(folder, "/") == 0)
		return true;
	return strncmp(path, folder, n) == 0 && (path[n] == '\0' || path[n] == '/');
}
