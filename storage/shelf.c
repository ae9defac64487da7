/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of layers, stored and new. In rlc-image. */
#include "storage/shelf.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

int shelf_find(const struct shelf *s, const char *name)
{
	char number[32];

	for (size_t i = 0; i < s->made.n; i++)
		if (strcmp(s->made.v[i], name) == 0) {
			snprintf(number, sizeof(number), "%zu", i);
			return openat(s->scratch, number, FOLDER);
		}
	return openat(s->layers, name, FOLDER);
}

int shelf_make(struct shelf *s, int *ret_folder, int *ret_fs, struct err *e)
{
	auto_fd int folder = -1, fs = -1;
	char number[32];

	snprintf(number, sizeof(number), "%zu", s->made.n);
	strv_add(&s->made, "");
	/*
	 * Closed to other users, or a setuid file of an image would make them container root: with
	 * real root's store, the folders above let everybody through.
	 */
	if (mkdirat(s->scratch, number, 0700) < 0)
		return err_sys(e, "make a folder for the layer");
	folder = openat(s->scratch, number, FOLDER);
	if (folder < 0 || mkdirat(folder, "fs", 0755) < 0)
		return err_sys(e, "make a folder for the layer");
	fs = openat(folder, "fs", FOLDER);
	if (fs < 0)
		return err_sys(e, "open the folder of the layer");
	*ret_folder = take_fd(&folder);
	*ret_fs = take_fd(&fs);
	return 0;
}

void shelf_name(struct shelf *s, size_t n, const char *name)
{
	xstr_set(&s->made.v[n], name);
}

int shelf_keep(struct shelf *s, size_t *ret_number, struct err *e)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "blob-%zu", s->kept.n);
	fd = openat(s->scratch, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_sys(e, "make a file for a blob in the store");
	*ret_number = s->kept.n;
	strv_add(&s->kept, "");
	return fd;
}

int shelf_spool(const struct shelf *s, struct err *e)
{
	int fd = openat(s->scratch, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		fd = openat(s->scratch, "spool", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
		if (fd >= 0)
			unlinkat(s->scratch, "spool", 0);
	}
	return fd < 0 ? err_sys(e, "make a temporary file in the store") : fd;
}
