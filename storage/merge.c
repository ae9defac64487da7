/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the layers side by side, folder by folder, and copies of each name the uppermost; what a
 * higher layer hides is never read. No link is followed: every folder is opened by one name beneath
 * its parent. Runs in set-up.
 */
#include "storage/merge.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "storage/replica.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/xattr.h>

/* Two descriptors a level, and a frame: such trees are made to do harm. */
enum { DEPTH_MAX = 4096 };

/* A file that has several names: the first one that was copied. */
struct first_name {
	dev_t dev;
	ino_t ino;
	char *path; /* beneath the target */
};

struct merge {
	struct replica replica;
	int target;
	struct str path; /* of the folder at hand, "" or "usr/lib/"; for errors and links */
	/* Open addressing: room is a power of two, at most half full; path NULL: free. */
	struct first_name *names;
	size_t n_names, room;
};

/* A folder as it lies in several layers, topmost first. Owned but for the roots. */
struct stack {
	int *fds;
	size_t n;
};

static void stack_free(struct stack *s)
{
	for (size_t i = 0; i < s->n; i++)
		close(s->fds[i]);
	free(s->fds);
}

static int failed(const struct merge *m, const char *name, struct err *e)
{
	err_sys(e, "copy /%s%s of the image", str_get(&m->path), name);
	if (e->sys == ENOSPC || e->sys == EDQUOT)
		return err_hint(e, "a copy needs the image's size again: make room (rlc rmi, rlc "
				   "rm), or install fuse-overlayfs, which copies nothing");
	if (e->sys == EMFILE)
		return err_hint(e, "raise the limit: ulimit -n 65536");
	return -1;
}

/* ---- files of several names ---- */

static struct first_name *find_name(const struct merge *m, const struct stat *st)
{
	size_t at = ((size_t)st->st_ino * 0x9e3779b97f4a7c15ULL >> 20) & (m->room - 1);

	while (m->names[at].path &&
	       (m->names[at].ino != st->st_ino || m->names[at].dev != st->st_dev))
		at = (at + 1) & (m->room - 1);
	return &m->names[at];
}

static void grow_names(struct merge *m)
{
	struct first_name *old = m->names;
	size_t n = m->room;

	m->room = n ? n * 2 : 256;
	m->names = xcalloc(m->room, sizeof(*m->names));
	for (size_t i = 0; i < n; i++) {
		const struct stat st = {.st_dev = old[i].dev, .st_ino = old[i].ino};

		if (old[i].path)
			*find_name(m, &st) = old[i];
	}
	free(old);
}

/* 1: it was copied under another name, and is linked now; 0: copy it; -1 with errno. */
static int link_again(struct merge *m, int to, const char *name, const struct stat *st)
{
	struct first_name *first;

	if (st->st_nlink < 2)
		return 0;
	if (2 * m->n_names >= m->room)
		grow_names(m);
	first = find_name(m, st);
	if (first->path)
		return linkat(m->target, first->path, to, name, 0) < 0 ? -1 : 1;
	*first =
	    (struct first_name){st->st_dev, st->st_ino, xasprintf("%s%s", str_get(&m->path), name)};
	m->n_names++;
	return 0;
}

/* ---- marks ---- */

/* As unpacking leaves them, see storage/whiteout.c. */
static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

static bool is_opaque(int folder)
{
	char value;

	return fgetxattr(folder, "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

/* ---- walking ---- */

static int merge_folder(struct merge *m, const struct stack *s, int to, int depth, struct err *e);

/* Down to the layer that ends what is seen of the folder `name`; s[first] has it. */
static int open_stack(const struct stack *s, size_t first, const char *name, struct stack *ret)
{
	*ret = (struct stack){.fds = xcalloc(s->n - first, sizeof(int))};
	for (size_t i = first; i < s->n; i++) {
		struct stat st;
		int fd;

		if (fstatat(s->fds[i], name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno == ENOENT)
				continue;
			return -1;
		}
		if (!S_ISDIR(st.st_mode))
			return 0;
		fd = openat(s->fds[i], name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -1;
		ret->fds[ret->n++] = fd;
		if (is_opaque(fd))
			return 0;
	}
	return 0;
}

static int take_folder(struct merge *m, const struct stack *s, size_t first, int to,
		       const char *name, int depth, struct err *e)
{
	const size_t above = m->path.len;
	struct stack below;
	auto_fd int sub = -1;
	int rc = open_stack(s, first, name, &below);

	if (rc == 0 && mkdirat(to, name, 0700) == 0)
		sub = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub < 0) {
		rc = failed(m, name, e);
	} else {
		str_addf(&m->path, "%s/", name);
		rc = merge_folder(m, &below, sub, depth + 1, e);
		m->path.len = above;
		m->path.s[above] = '\0';
	}
	stack_free(&below);
	return rc;
}

static int take_entry(struct merge *m, const struct stack *s, size_t layer, int to,
		      const char *name, int depth, struct err *e)
{
	const int from = s->fds[layer];
	struct stat st;
	int rc = 0;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(m, name, e);
	if (S_ISDIR(st.st_mode))
		return take_folder(m, s, layer, to, name, depth, e);
	if (is_whiteout(&st))
		return 0;
	rc = link_again(m, to, name, &st);
	if (rc == 1)
		return 0;
	if (rc == 0 && S_ISREG(st.st_mode))
		rc = replica_file(&m->replica, from, to, name, &st);
	else if (rc == 0 && S_ISLNK(st.st_mode))
		rc = replica_link(from, to, name, &st);
	else if (rc == 0)
		rc = replica_node(to, name, &st);
	return rc < 0 ? failed(m, name, e) : 0;
}

/* Read as a whole, so that no list stays open on the way down. */
static int list_names(int folder, struct strv *ret)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *d = fd_into_dir(fd);
	struct dirent *entry;

	if (!d)
		return -1;
	while ((errno = 0, entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add(ret, entry->d_name);
	return errno ? -1 : 0;
}

/* Whether a layer above has that name, be it only to hide it: then it was dealt with there. */
static bool is_covered(const struct stack *s, size_t layer, const char *name)
{
	struct stat st;

	for (size_t i = 0; i < layer; i++)
		if (fstatat(s->fds[i], name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	return false;
}

static int merge_folder(struct merge *m, const struct stack *s, int to, int depth, struct err *e)
{
	struct stat st;

	if (depth > DEPTH_MAX)
		return err_msg(e, "the image has more than %d folders in one another", DEPTH_MAX);
	for (size_t i = 0; i < s->n; i++) {
		auto_strv struct strv names = {0};

		if (list_names(s->fds[i], &names) < 0)
			return failed(m, "", e);
		for (size_t k = 0; k < names.n; k++)
			if (!is_covered(s, i, names.v[k]) &&
			    take_entry(m, s, i, to, names.v[k], depth, e) < 0)
				return -1;
	}
	if (fstat(s->fds[0], &st) < 0 || replica_folder(s->fds[0], to, &st) < 0)
		return failed(m, "", e);
	return 0;
}

int merge_layers(const int *layers, size_t n, int target, struct err *e)
{
	struct merge m = {.target = target};
	struct stack roots = {.fds = xcalloc(n, sizeof(int)), .n = n};
	struct rlimit before, files;
	bool raised = getrlimit(RLIMIT_NOFILE, &before) == 0;
	int rc;

	memcpy(roots.fds, layers, n * sizeof(int));
	/* Folders nest deeper than the usual 1024 descriptors; the container's limit is another. */
	if (raised) {
		files = (struct rlimit){before.rlim_max, before.rlim_max};
		raised = setrlimit(RLIMIT_NOFILE, &files) == 0;
	}
	rc = merge_folder(&m, &roots, target, 0, e);
	if (raised)
		(void)setrlimit(RLIMIT_NOFILE, &before); /* lower than it is: allowed to all */
	for (size_t i = 0; i < m.room; i++)
		free(m.names[i].path);
	free(m.names);
	free(roots.fds);
	str_free(&m.path);
	return rc;
}
