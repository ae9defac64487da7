/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuse-overlayfs, where the kernel does not let users mount its own overlay: another process stacks
 * the layers and the kernel asks it. Runs in set-up; the process is fuse_server.c's.
 *
 * The file system is made before the process and attached nowhere, so that the copy of the mounts
 * the process gets does not hold it: it ends with the last process that has the tree.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"
#include "lib/kernel/fix.h"
#include "lib/kernel/mount.h"
#include "storage/fuse_server.h"
#include "storage/rootfs.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>

enum { WORDS_MAX = 400 };

/* The kernel's side of it. Returns the mount, detached. */
static int make_tree(int device, struct err *e)
{
	static const struct {
		const char *key, *value;
	} options[] = {
	    {"source", "fuse-overlayfs"},
	    {"rootmode", "40000"}, /* a folder */
	    {"user_id", "0"},
	    {"group_id", "0"},
	};
	static const char *const flags[] = {
	    "allow_other",	   /* the container's other ids */
	    "default_permissions", /* the kernel checks modes: the process reads all as root */
	};
	auto_fd int fs = (int)syscall(SYS_fsopen, "fuse", FSOPEN_CLOEXEC), tree = -1;
	char fd[16];

	snprintf(fd, sizeof(fd), "%d", device);
	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "fd", fd, 0) < 0)
		goto failed;
	for (size_t i = 0; i < array_len(options); i++)
		if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, options[i].key, options[i].value,
			    0) < 0)
			goto failed;
	for (size_t i = 0; i < array_len(flags); i++)
		if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, flags[i], NULL, 0) < 0)
			goto failed;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		goto failed;
	tree =
	    (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
	if (tree >= 0)
		return take_fd(&tree);
failed:
	err_sys(e, "make a FUSE file system");
	return err_fix(e, FIX_FUSE);
}

/* A part of the data folder that the process shall see, as a mount of its own. */
static int clone_part(const char *path, unsigned long flags, struct err *e)
{
	return mount_clone(path, flags | MS_NOSUID | MS_NODEV | MS_NOEXEC, e);
}

/* Topmost first, as the program wants them named; then the mount points. */
static int clone_layers(const struct rootfs_source *s, struct fuse_server *f, struct err *e)
{
	f->layers = xcalloc(s->layers->n + 1, sizeof(*f->layers));
	for (size_t i = s->layers->n; i-- > 0;) {
		auto_free char *path = xasprintf("layers/%s", s->layers->v[i]);

		f->layers[f->n_layers] = clone_part(path, MS_RDONLY, e);
		if (f->layers[f->n_layers++] < 0)
			return -1;
	}
	f->layers[f->n_layers] = clone_part(s->points, MS_RDONLY, e);
	return f->layers[f->n_layers++] < 0 ? -1 : 0;
}

static void fuse_server_close(struct fuse_server *f)
{
	int *const fds[] = {&f->device, &f->own, &f->words};

	for (size_t i = 0; i < array_len(fds); i++)
		if (*fds[i] >= 0)
			close(take_fd(fds[i]));
	for (size_t i = 0; i < f->n_layers; i++)
		if (f->layers[i] >= 0)
			close(f->layers[i]);
	free(f->layers);
}

static int start(const struct rootfs_source *s, struct fuse_server *f, struct rootfs_server *ret,
		 struct err *e)
{
	auto_free char *own = xasprintf("%s/fuse", s->container);
	int ends[2];

	if (s->layers->n == 0)
		return err_msg(e, "the image has no layers");
	if (rootfs_copy_root(s, "fuse/upper", "fuse/work/work", e) < 0)
		return -1;
	f->device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (f->device < 0) {
		err_sys(e, "open /dev/fuse");
		return err_fix(e, FIX_FUSE);
	}
	ret->tree = make_tree(f->device, e);
	if (ret->tree < 0 || clone_layers(s, f, e) < 0)
		return -1;
	f->own = clone_part(own, 0, e);
	if (f->own < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe to fuse-overlayfs");
	ret->words = ends[0];
	f->words = ends[1];
	ret->pid = fuse_server_start(f, &ret->pidfd, e);
	return ret->pid < 0 ? -1 : 0;
}

static int fuse_serve(const struct rootfs_source *s, struct rootfs_server *ret, struct err *e)
{
	struct fuse_server f = {
	    .program = s->program,
	    .device = -1,
	    .own = -1,
	    .words = -1,
	    .is_volatile = s->is_volatile,
	};
	int rc = start(s, &f, ret, e);

	fuse_server_close(&f);
	return rc;
}

/* The last line of what the process said; its own name before it is left out. */
static int tell_end(int words, struct err *e)
{
	struct err told;
	char text[WORDS_MAX + sizeof(told)] = "";
	auto_str struct str shown = {0};
	char *line = text, *end;
	ssize_t n = fd_read_full(words, text, sizeof(text) - 1);

	/* Our own part of it reports as every child of ours does. */
	if (n == (ssize_t)sizeof(told)) {
		memcpy(&told, text, sizeof(told));
		*e = told;
		return -1;
	}
	text[n < 0 ? 0 : n] = '\0';
	end = text + strlen(text);
	while (end > text && end[-1] == '\n')
		*--end = '\0';
	if ((end = strrchr(text, '\n')))
		line = end + 1;
	if (str_starts(line, "fuse-overlayfs: "))
		line += strlen("fuse-overlayfs: ");
	str_add_visible(&shown, line);
	err_msg(e, "fuse-overlayfs ended%s%s", *line ? ": " : " at once", str_get(&shown));
	return err_hint(e, "run without it: --storage-driver copy");
}

static int fuse_mount(const struct rootfs_source *s, struct rootfs_server *server, const char *at,
		      struct err *e)
{
	auto_fd int point = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC), root = -1;

	(void)s;
	if (point < 0)
		return err_sys(e, "open the mount point of the root");
	if (mount_attach(server->tree, point, "/", e) < 0)
		return -1;
	/* Waits for the first answer. When the process ends, the kernel answers in its place. */
	root = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? tell_end(server->words, e) : 0;
}

/* What the process may write is beneath one folder: renames do not cross mounts. */
static const char *const folders[] = {"fuse", "fuse/upper", "fuse/work", NULL};

const struct rootfs_driver rootfs_fuse = {
    .name = "fuse-overlayfs",
    .alias = "fuse",
    .folders = folders,
    .program = "fuse-overlayfs",
    .serve = fuse_serve,
    .mount = fuse_mount,
};
