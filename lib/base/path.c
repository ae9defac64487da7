/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and making paths inside a tree that is not trusted. */
#include "lib/base/path.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { LINKS_MAX = 40 }; /* as the kernel: path_resolution(7) */

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

/* Makes the missing last part of `path`, whose folder is there. */
static int make_entry(int root, const char *path, bool folder)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *parent = xstrndup(path, (size_t)(name - path));
	auto_fd int at = path_open_in(root, parent, O_PATH | O_DIRECTORY, 0), made = -1;

	if (at < 0)
		return -1;
	if (folder)
		return mkdirat(at, name, 0755) < 0 && errno != EEXIST ? -1 : 0;
	made = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	return made < 0 && errno != EEXIST ? -1 : 0;
}

/* Where a walk stands: what is resolved, what is still to go, how many links were followed. */
struct walk {
	struct str done;   /* without links, "" is the root */
	struct strv ahead; /* the next part last */
	int links;
};

static void walk_push(struct walk *w, const char *path)
{
	auto_strv struct strv parts = {0};

	strv_split(&parts, path, "/");
	while (parts.n)
		strv_take(&w->ahead, parts.v[--parts.n]);
}

static void walk_up(struct walk *w)
{
	char *slash = w->done.len ? strrchr(w->done.s, '/') : NULL;

	if (!slash)
		return;
	*slash = '\0';
	w->done.len = (size_t)(slash - w->done.s);
}

static int walk_link(struct walk *w, int link)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof(text) - 1);

	if (n < 0)
		return -1;
	if (++w->links > LINKS_MAX) {
		errno = ELOOP;
		return -1;
	}
	text[n] = '\0';
	if (text[0] == '/') {
		str_free(&w->done);
		str_add(&w->done, "");
	}
	walk_push(w, text);
	return 0;
}

/* One part further; what is missing is made. Each prefix is opened anew beneath the root. */
static int walk_step(struct walk *w, int root, const char *part, bool folder)
{
	auto_free char *next = NULL;
	auto_fd int fd = -1;
	struct stat st;

	if (strcmp(part, ".") == 0)
		return 0;
	if (strcmp(part, "..") == 0) {
		walk_up(w);
		return 0;
	}
	next = xasprintf("%s/%s", str_get(&w->done), part);
	fd = path_open_in(root, next, O_PATH | O_NOFOLLOW, 0);
	if (fd < 0 && (errno != ENOENT || make_entry(root, next, w->ahead.n || folder) < 0))
		return -1;
	if (fd >= 0 && fstat(fd, &st) < 0)
		return -1;
	if (fd >= 0 && S_ISLNK(st.st_mode))
		return walk_link(w, fd);
	str_free(&w->done);
	str_add(&w->done, next);
	return 0;
}

int path_make_in(int root, const char *path, bool folder)
{
	struct walk w = {0};
	int fd = path_open_in(root, path, O_PATH, 0), rc = 0;

	if (fd >= 0 || errno != ENOENT)
		return fd;
	/* Mostly only the last part is missing. A link that leads nowhere fails again below. */
	if (strchr(path, '/') && make_entry(root, path, folder) == 0)
		fd = path_open_in(root, path, O_PATH, 0);
	if (fd >= 0)
		return fd;
	walk_push(&w, path);
	while (rc == 0 && w.ahead.n) {
		auto_free char *part = w.ahead.v[--w.ahead.n];

		rc = walk_step(&w, root, part, folder);
	}
	if (rc == 0)
		fd = path_open_in(root, str_get(&w.done), O_PATH, 0);
	str_free(&w.done);
	strv_free(&w.ahead);
	return fd;
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
