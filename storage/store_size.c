/* SPDX-License-Identifier: Apache-2.0 */
/* What the images of the store take up; runs in rlc. */
#include "storage/store.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/state/dirs.h"
#include "storage/layer_record.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, DEPTH_MAX = 64 };

/* Of the files in it, as its record has it: they belong to others. */
static uint64_t layer_size(int layers, const char *name)
{
	auto_fd int folder = openat(layers, name, FOLDER);
	struct layer_record r = {0};
	struct err damaged;
	uint64_t size = 0;

	if (folder >= 0 && layer_record_read(folder, &r, &damaged) == 0)
		size = r.size;
	layer_record_free(&r);
	return size;
}

static uint64_t blob_size(int blobs, const char *name)
{
	struct stat st;

	return fstatat(blobs, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (uint64_t)st.st_size : 0;
}

/* Of a tree in tmp/, as far as the user may look: what it nests deeper is not counted. */
static uint64_t tree_size(int at, const char *name, int depth)
{
	int fd = depth < DEPTH_MAX ? openat(at, name, FOLDER) : -1;
	auto_dir DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t total = 0;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return blob_size(at, name);
	}
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			total += tree_size(dirfd(d), entry->d_name, depth + 1);
	return total;
}

static uint64_t leftover_size(int tmp, const char *name)
{
	return tree_size(tmp, name, 0);
}

static int add_sizes(int data, const char *path, uint64_t (*size_of)(int at, const char *name),
		     uint64_t *total, struct err *e)
{
	int fd = openat(data, path, FOLDER);
	auto_dir DIR *d = fd_into_dir(fd);
	struct dirent *entry;

	if (!d)
		return errno == ENOENT ? 0 : err_sys(e, "list folder %s of the store", path);
	while ((errno = 0, entry = readdir(d)))
		if (entry->d_name[0] != '.')
			*total += size_of(dirfd(d), entry->d_name);
	return errno ? err_sys(e, "list folder %s of the store", path) : 0;
}

int store_size(const struct dirs *d, uint64_t *ret, struct err *e)
{
	uint64_t total = 0;

	if (add_sizes(d->data_fd, "layers", layer_size, &total, e) < 0 ||
	    add_sizes(d->data_fd, "blobs/sha256", blob_size, &total, e) < 0 ||
	    add_sizes(d->data_fd, "tmp", leftover_size, &total, e) < 0)
		return -1;
	*ret = total;
	return 0;
}
