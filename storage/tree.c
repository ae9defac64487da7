/* SPDX-License-Identifier: Apache-2.0 */
/* The folders of a layer that is being unpacked. In rlc-image. */
#include "storage/tree.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <search.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* All folder names of a layer together; a distribution has less than one MiB of them. */
enum { NAMES_MAX = 256 << 20 };

struct tree {
	int root;
	void *folders; /* tsearch(3) of struct tree_folder: cannot be made slow by chosen names */
	size_t names;  /* bytes remembered */
	size_t made;
	size_t whiteouts_replaced;
	char *parent; /* path that parent_fd stands for, or NULL */
	int parent_fd;
};

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct tree_folder *)a)->path, ((const struct tree_folder *)b)->path);
}

struct tree *tree_new(int root)
{
	struct tree *t = xcalloc(1, sizeof(*t));

	t->root = root;
	t->parent_fd = -1;
	return t;
}

static void folder_free(void *at)
{
	struct tree_folder *f = at;

	free(f->path);
	free(f);
}

void tree_free(struct tree *t)
{
	if (!t)
		return;
	tree_forget_parent(t);
	tdestroy(t->folders, folder_free);
	free(t);
}

void tree_forget_parent(struct tree *t)
{
	free(t->parent);
	t->parent = NULL;
	if (t->parent_fd >= 0)
		close(t->parent_fd);
	t->parent_fd = -1;
}

struct tree_folder *tree_get(struct tree *t, const char *path)
{
	struct tree_folder key = {0};
	auto_free char *copy = xstrdup(path);
	void *node;

	key.path = copy;
	node = tfind(&key, &t->folders, by_path);
	return node ? *(struct tree_folder **)node : NULL;
}

struct tree_folder *tree_made(struct tree *t, const char *path, struct err *e)
{
	struct tree_folder *f = tree_get(t, path);

	t->made += strcmp(path, ".") != 0;
	if (f) {
		f->named = f->opaque = f->fresh = false;
		return f;
	}
	t->names += strlen(path) + sizeof(*f);
	if (t->names > NAMES_MAX) {
		err_msg(e, "the layer has more folder names than %d MiB", NAMES_MAX >> 20);
		return NULL;
	}
	f = xcalloc(1, sizeof(*f));
	f->path = xstrdup(path);
	if (!tsearch(f, &t->folders, by_path)) {
		folder_free(f);
		err_msg(e, "no memory for the folders of the layer");
		return NULL;
	}
	return f;
}

static int open_beneath(int at, const char *path, int flags)
{
	struct open_how how = {
	    .flags = (uint64_t)(flags | O_DIRECTORY | O_CLOEXEC),
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, at, path, &how, sizeof(how));
}

int tree_open(struct tree *t, const char *path)
{
	return open_beneath(t->root, path, O_RDONLY);
}

bool tree_is_covered(struct tree *t, const char *path)
{
	auto_free char *above = xstrdup(path);
	struct tree_folder *f;
	char *slash;

	while ((slash = strrchr(above, '/'))) {
		*slash = '\0';
		f = tree_get(t, above);
		if (f && f->opaque)
			return true;
	}
	f = tree_get(t, ".");
	return f && f->opaque && strcmp(path, ".") != 0;
}

int tree_set_opaque(struct tree *t, struct tree_folder *f, struct err *e)
{
	auto_fd int fd = tree_open(t, f->path);

	f->opaque = true;
	if (fd < 0 || fsetxattr(fd, "user.overlay.opaque", "y", 1, 0) < 0)
		return err_sys(e, "mark folder %s as opaque", f->path);
	return 0;
}

/* A whiteout gives way to a folder, which then hides what the whiteout hid. */
static int replace_whiteout(struct tree *t, int at, const char *name, const char *path,
			    struct err *e)
{
	struct tree_folder *f;
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "open folder %s", path);
	if (S_ISLNK(st.st_mode))
		return err_msg(e, "%s is a symbolic link, and the layer has files beneath it",
			       path);
	if (!S_ISCHR(st.st_mode))
		return err_msg(e, "%s is no folder, and the layer has files beneath it", path);
	if (unlinkat(at, name, 0) < 0 || mkdirat(at, name, 0755) < 0)
		return err_sys(e, "make folder %s", path);
	t->whiteouts_replaced++;
	f = tree_made(t, path, e);
	if (!f)
		return -1;
	f->fresh = true;
	return tree_set_opaque(t, f, e);
}

/* Opens one part of a path, or makes it. `path` is the whole of it up to here. */
static int enter(struct tree *t, int at, const char *name, const char *path, struct err *e)
{
	int fd = open_beneath(at, name, O_PATH | O_NOFOLLOW);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT) {
		if (str_starts(name, ".wh."))
			return err_msg(e, "%s: a folder named like a whiteout", path);
		if (mkdirat(at, name, 0755) < 0)
			return err_sys(e, "make folder %s", path);
		if (!tree_made(t, path, e))
			return -1;
	} else if (errno == ENOTDIR || errno == ELOOP) {
		if (replace_whiteout(t, at, name, path, e) < 0)
			return -1;
	} else {
		return err_sys(e, "open folder %s", path);
	}
	fd = open_beneath(at, name, O_PATH | O_NOFOLLOW);
	return fd < 0 ? err_sys(e, "open folder %s", path) : fd;
}

/* The slow way: part by part, making what is missing. */
static int make_all(struct tree *t, const char *path, struct err *e)
{
	auto_free char *part = xstrdup(path);
	auto_fd int at = open_beneath(t->root, ".", O_PATH);
	char *name = part, *slash;

	if (at < 0)
		return err_sys(e, "open the layer's root");
	do {
		int next;

		slash = strchr(name, '/');
		if (slash)
			*slash = '\0';
		next = enter(t, at, name, part, e);
		close(at);
		at = next;
		if (slash) {
			*slash = '/';
			name = slash + 1;
		}
	} while (slash && at >= 0);
	return take_fd(&at);
}

/* Splits path; the part above is "." for what lies at the root. Owned by the caller. */
static char *split(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');

	*ret_name = slash ? slash + 1 : path;
	return slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
}

int tree_find_parent(struct tree *t, const char *path, const char **ret_name)
{
	auto_free char *above = split(path, ret_name);
	int fd;

	if (t->parent && strcmp(t->parent, above) == 0)
		return t->parent_fd;
	fd = open_beneath(t->root, above, O_PATH);
	if (fd < 0)
		return -1;
	tree_forget_parent(t);
	t->parent = take_ptr(above);
	t->parent_fd = fd;
	return fd;
}

int tree_parent(struct tree *t, const char *path, const char **ret_name, struct err *e)
{
	auto_free char *above = NULL;
	int fd = tree_find_parent(t, path, ret_name);

	if (fd >= 0)
		return fd;
	above = split(path, ret_name);
	fd = make_all(t, above, e);
	if (fd < 0)
		return -1;
	tree_forget_parent(t);
	t->parent = take_ptr(above);
	t->parent_fd = fd;
	return fd;
}

size_t tree_count(const struct tree *t)
{
	return t->made - t->whiteouts_replaced;
}

struct walk {
	int (*each)(struct tree_folder *f, void *arg);
	void *arg;
	int rc;
};

static void visit(const void *node, VISIT order, void *closure)
{
	struct walk *w = closure;

	if (w->rc == 0 && (order == postorder || order == leaf))
		w->rc = w->each(*(struct tree_folder *const *)node, w->arg);
}

int tree_each(struct tree *t, int (*each)(struct tree_folder *f, void *arg), void *arg)
{
	struct walk w = {.each = each, .arg = arg};

	twalk_r(t->folders, visit, &w);
	return w.rc;
}
