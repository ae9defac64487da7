/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the files of one layer, in rlc-image: root of the user namespace, the store as its "/". */
#include "storage/unpack_job.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/remove.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Debian's whole archive fits into these; what does not is an attack or belongs on a volume. */
const struct unpack_limits unpack_limits_default = {
    .bytes = 64ULL << 30,
    .entries = 5000000,
    .deleted = 32 << 20,
};

/* Left-out devices are kept by name; a whole /dev has some hundreds. */
enum { DEVICES_MAX = 10000 };

/* A later entry of the same name replaces the earlier one. 1: something was there. */
static int clear_way(struct job *j, int at, const char *name, struct err *e)
{
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "look at what it replaces");
	if (S_ISDIR(st.st_mode)) {
		if (remove_tree(at, name, e) < 0)
			return -1;
		tree_forget_parent(j->tree);
		j->report->names_known = false;
	} else if (unlinkat(at, name, 0) < 0) {
		return err_sys(e, "replace it");
	}
	j->report->names--;
	return 1;
}

int job_take_bytes(struct job *j, uint64_t n, struct err *e)
{
	if (n > j->u->limits.bytes - j->report->bytes)
		return err_msg(e, "the layer holds more than %llu bytes",
			       (unsigned long long)j->u->limits.bytes);
	j->report->bytes += n;
	return 0;
}

static int write_content(struct job *j, int fd, const struct tar_entry *t, struct err *e)
{
	const unsigned char *bytes;
	uint64_t offset;
	ssize_t n;

	if (job_take_bytes(j, t->packed, e) < 0)
		return -1;
	while ((n = tar_read(j->tar, &offset, &bytes, e)) > 0)
		for (size_t done = 0; done < (size_t)n;) {
			ssize_t part =
			    pwrite(fd, bytes + done, (size_t)n - done, (off_t)(offset + done));

			if (part < 0 && errno == EINTR)
				continue;
			if (part < 0)
				return err_sys(e, "write it");
			done += (size_t)part;
		}
	if (n == 0 && t->is_sparse && ftruncate(fd, (off_t)t->size) < 0)
		return err_sys(e, "make it %llu bytes long", (unsigned long long)t->size);
	return n < 0 ? -1 : 0;
}

static int make_file(struct job *j, const char *path, const struct tar_entry *t, struct err *e)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, t->mtime};
	const char *name;
	auto_fd int fd = -1;
	int at = tree_parent(j->tree, path, &name, e);

	if (at < 0)
		return -1;
	fd = openat(at, name, FLAGS, t->mode & 0777);
	if (fd < 0 && errno == EEXIST) {
		if (clear_way(j, at, name, e) < 0)
			return -1;
		at = tree_parent(j->tree, path, &name, e);
		fd = at < 0 ? -1 : openat(at, name, FLAGS, t->mode & 0777);
	}
	if (fd < 0)
		return err_sys(e, "make it");
	j->report->names++;
	if (write_content(j, fd, t, e) < 0 || attributes_set(j, fd, t, true, e) < 0)
		return -1;
	return futimens(fd, times) < 0 ? err_sys(e, "set its time") : 0;
}

struct tree_folder *job_folder(struct job *j, const char *path, struct err *e)
{
	struct tree_folder *f = tree_get(j->tree, path);
	const char *name;
	int at, there;

	if (strcmp(path, ".") == 0)
		return f ? f : tree_made(j->tree, path, e);
	at = tree_parent(j->tree, path, &name, e);
	if (at < 0)
		return NULL;
	if (mkdirat(at, name, 0755) == 0)
		return tree_made(j->tree, path, e);
	if (errno != EEXIST) {
		err_sys(e, "make it");
		return NULL;
	}
	/* Every folder that was made is remembered; it may have been replaced since. */
	if (f) {
		auto_fd int fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd >= 0)
			return f;
	}
	there = clear_way(j, at, name, e);
	at = there < 0 ? -1 : tree_parent(j->tree, path, &name, e);
	if (at < 0)
		return NULL;
	if (mkdirat(at, name, 0755) < 0) {
		err_sys(e, "make it");
		return NULL;
	}
	f = tree_made(j->tree, path, e);
	if (!f)
		return NULL;
	/* A file or whiteout stood here: what the layers below have under this name is gone. */
	f->fresh = true;
	return tree_set_opaque(j->tree, f, e) < 0 ? NULL : f;
}

static int make_folder(struct job *j, const char *path, const struct tar_entry *t, struct err *e)
{
	struct tree_folder *f = job_folder(j, path, e);
	auto_fd int fd = -1;

	if (!f)
		return -1;
	f->named = true;
	f->mtime = t->mtime;
	fd = tree_open(j->tree, path);
	if (fd < 0)
		return err_sys(e, "open it");
	return attributes_set(j, fd, t, false, e);
}

static int make_symlink(struct job *j, const char *path, const struct tar_entry *t, struct err *e)
{
	const char *name;
	int at = tree_parent(j->tree, path, &name, e);

	if (at < 0)
		return -1;
	if (symlinkat(t->link, at, name) < 0) {
		if (errno != EEXIST)
			return err_sys(e, "make it");
		if (clear_way(j, at, name, e) < 0)
			return -1;
		at = tree_parent(j->tree, path, &name, e);
		if (at < 0)
			return -1;
		if (symlinkat(t->link, at, name) < 0)
			return err_sys(e, "make it");
	}
	j->report->names++;
	return attributes_set_at(j, at, name, t, e);
}

static int make_fifo(struct job *j, const char *path, const struct tar_entry *t, struct err *e)
{
	const char *name;
	int at = tree_parent(j->tree, path, &name, e);

	if (at < 0 || clear_way(j, at, name, e) < 0)
		return -1;
	at = tree_parent(j->tree, path, &name, e);
	if (at < 0)
		return -1;
	if (mkfifoat(at, name, t->mode & 0777) < 0)
		return err_sys(e, "make it");
	j->report->names++;
	return attributes_set_at(j, at, name, t, e);
}

static int leave_out_device(struct job *j, const char *path, const struct tar_entry *t,
			    struct err *e)
{
	(void)t; /* whatever it is */
	j->report->devices++;
	if (j->report->devices > DEVICES_MAX)
		return err_msg(e, "the layer has more than %d devices", DEVICES_MAX);
	strv_add(&j->devices, path);
	return 0;
}

/* The target is not in this layer: overlayfs cannot link across, so the file is copied up. */
static int link_to_lower(struct job *j, const char *path, const char *target, struct err *e)
{
	uint64_t left = j->u->limits.bytes - j->report->bytes;
	const char *name;
	int at, rc;

	if (tree_is_covered(j->tree, target))
		return err_msg(e, "a hard link to %s, which this layer deletes", target);
	at = tree_parent(j->tree, path, &name, e);
	if (at < 0 || clear_way(j, at, name, e) < 0)
		return -1;
	at = tree_parent(j->tree, path, &name, e);
	if (at < 0)
		return -1;
	if (lower_wait(&j->u->lower, e) < 0)
		return -1;
	rc = lower_copy_file(&j->u->lower, target, at, name, &left, e);
	j->report->bytes = j->u->limits.bytes - left;
	if (rc == 0)
		return err_msg(e, "a hard link to %s, which is in no layer", target);
	j->report->depends = true;
	j->report->names += rc > 0;
	return rc < 0 ? -1 : 0;
}

/* Both names already mean one file: nothing to do, and removing one could remove both. */
static bool is_same_file(int a, const char *a_name, int b, const char *b_name)
{
	struct stat x, y;

	return fstatat(a, a_name, &x, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(b, b_name, &y, AT_SYMLINK_NOFOLLOW) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static int link_here(struct job *j, const char *path, int target_at, const char *target_name,
		     struct err *e)
{
	const char *name;
	int at = tree_parent(j->tree, path, &name, e);

	if (at < 0)
		return -1;
	if (linkat(target_at, target_name, at, name, 0) == 0) {
		j->report->names++;
		return 0;
	}
	if (errno != EEXIST)
		return err_sys(e, "link it to %s", target_name);
	if (is_same_file(target_at, target_name, at, name))
		return 0;
	if (clear_way(j, at, name, e) < 0)
		return -1;
	at = tree_parent(j->tree, path, &name, e);
	if (at < 0)
		return -1;
	if (linkat(target_at, target_name, at, name, 0) < 0)
		return err_sys(e, "link it to %s", target_name);
	j->report->names++;
	return 0;
}

static int make_hardlink(struct job *j, const char *path, const struct tar_entry *t, struct err *e)
{
	auto_free char *target = NULL;
	auto_fd int target_at = -1;
	const char *target_name;
	struct stat st;
	int at;

	if (tar_path_clean(t->link, &target, e) < 0)
		return -1;
	if (strv_has(&j->devices, target))
		return leave_out_device(j, path, t, e);
	at = tree_find_parent(j->tree, target, &target_name);
	if (at < 0 && errno == ELOOP)
		return err_msg(e, "a hard link to %s, which lies behind a symbolic link", target);
	if (at < 0 || fstatat(at, target_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return link_to_lower(j, path, target, e);
	if (S_ISCHR(st.st_mode))
		return err_msg(e, "a hard link to %s, which this layer deletes", target);
	if (S_ISDIR(st.st_mode))
		return err_msg(e, "a hard link to %s, which is a folder", target);
	/* The tree owns one parent at a time, and two are needed. */
	target_at = fcntl(at, F_DUPFD_CLOEXEC, 0);
	if (target_at < 0)
		return err_sys(e, "open the folder of %s", target);
	return link_here(j, path, target_at, target_name, e);
}

struct finish {
	struct job *j;
	struct err *e;
};

/* A folder the tar has no entry for keeps the owner, mode and time it has below. */
static int inherit(struct job *j, struct tree_folder *f, int fd, struct err *e)
{
	auto_fd int from = -1;
	bool differs = false;

	strv_add(&j->report->inherits, f->path);
	if (f->fresh || tree_is_covered(j->tree, f->path))
		return 0;
	if (lower_wait(&j->u->lower, e) < 0)
		return -1;
	from = lower_open_folder(&j->u->lower, f->path);
	if (from < 0)
		return 0;
	if (lower_copy_folder(from, fd, f->path, &differs, e) < 0)
		return -1;
	j->report->depends = j->report->depends || differs;
	return 0;
}

static int finish_folder(struct tree_folder *f, void *arg)
{
	struct finish *end = arg;
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, f->mtime};
	auto_fd int fd = tree_open(end->j->tree, f->path);

	if (fd < 0)
		return 0; /* replaced by another entry since */
	if (!f->named)
		return inherit(end->j, f, fd, end->e);
	/* Only now: each file made in it has changed its time. */
	return futimens(fd, times) < 0 ? err_sys(end->e, "set the time of %s", f->path) : 0;
}

static int make_entry(struct job *j, const char *path, const struct tar_entry *t, struct err *e)
{
	static int (*const make[])(struct job *, const char *, const struct tar_entry *,
				   struct err *) = {
	    [TAR_FILE] = make_file,
	    [TAR_HARDLINK] = make_hardlink,
	    [TAR_SYMLINK] = make_symlink,
	    [TAR_CHAR] = leave_out_device,
	    [TAR_BLOCK_DEVICE] = leave_out_device,
	    [TAR_FOLDER] = make_folder,
	    [TAR_FIFO] = make_fifo,
	};
	int rc = whiteout_take(j, path, e);

	if (rc)
		return rc < 0 ? -1 : 0;
	if (t->type != TAR_FOLDER && strcmp(path, ".") == 0)
		return err_msg(e, "the root of a layer must be a folder");
	return make[t->type](j, path, t, e);
}

static int fail_at(const char *path, struct err *e)
{
	auto_str struct str shown = {0};

	str_add_visible(&shown, path);
	if (e->sys == ENOSPC || e->sys == EDQUOT)
		err_hint(e, "free some space there, or keep images elsewhere: rlc --root DIR");
	return err_ctx(e, "unpack %.300s", str_get(&shown));
}

static int unpack_entry(struct job *j, const struct tar_entry *t, struct err *e)
{
	auto_free char *path = NULL;

	if (++j->report->entries > j->u->limits.entries)
		return err_msg(e, "the layer has more than %llu entries",
			       (unsigned long long)j->u->limits.entries);
	if (tar_path_clean(t->path, &path, e) < 0)
		return -1;
	return make_entry(j, path, t, e) < 0 ? fail_at(path, e) : 0;
}

static int run(struct job *j, struct err *e)
{
	struct finish end = {.j = j, .e = e};
	const struct tar_entry *t;
	int rc;

	if (!tree_made(j->tree, ".", e))
		return -1;
	while ((rc = tar_next(j->tar, &t, e)) > 0)
		if (unpack_entry(j, t, e) < 0)
			return -1;
	if (rc < 0 || whiteout_drop_needless(j, e) < 0)
		return -1;
	if (tree_each(j->tree, finish_folder, &end) < 0)
		return -1;
	return tar_drain(j->tar, e);
}

int unpack_layer(const struct unpack *u, struct tar *t, struct unpack_report *ret, struct err *e)
{
	struct job j = {.u = u, .tar = t, .tree = tree_new(u->root), .report = ret};
	int rc;

	*ret = (struct unpack_report){.names_known = true};
	rc = run(&j, e);
	ret->names += tree_count(j.tree);
	tree_free(j.tree);
	strv_free(&j.whiteouts);
	strv_free(&j.devices);
	return rc;
}

void unpack_report_free(struct unpack_report *r)
{
	strv_free(&r->inherits);
}
