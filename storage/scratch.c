/* SPDX-License-Identifier: Apache-2.0 */
/* Folders in tmp/ that vanish with their maker; made in rlc, filled by rlc-image. */
#include "storage/scratch.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/idmap.h"
#include "lib/state/dirs.h"
#include "storage/sweep.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

/* With real root the unpacker is another uid than the owner of the data folder. */
static int give_to_container_root(const struct id_map *map, int fd, const char *name, struct err *e)
{
	uid_t uid = (uid_t)idmap_uid_outside(map, 0);
	gid_t gid = (gid_t)idmap_gid_outside(map, 0);
	struct stat st;

	if (!map->direct)
		return 0;
	if (fstat(fd, &st) < 0)
		return err_sys(e, "look at folder %s", name);
	if (st.st_uid == uid && (st.st_mode & 07777) == 0700)
		return 0;
	if (fchmod(fd, 0700) < 0 || fchown(fd, uid, gid) < 0)
		return err_sys(e, "give folder %s to container root", name);
	return 0;
}

static int random_path(char *path, struct err *e)
{
	unsigned char bytes[8];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_sys(e, "get random bytes");
	path += sprintf(path, "tmp/image-");
	for (size_t i = 0; i < sizeof(bytes); i++)
		path += sprintf(path, "%02x", bytes[i]);
	return 0;
}

/* 1: ours; 0: the sweeper came between mkdir and flock. */
static int claim(int data, struct scratch *s, struct err *e)
{
	struct stat st;

	if (mkdirat(data, s->path, 0700) < 0)
		return err_sys(e, "make folder %s", s->path);
	s->fd = openat(data, s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open folder %s", s->path);
	if (flock(s->fd, LOCK_EX | LOCK_NB) == 0 && fstat(s->fd, &st) == 0 && st.st_nlink > 0)
		return 1;
	close(take_fd(&s->fd));
	return 0;
}

int scratch_make(const struct dirs *d, const struct id_map *map, struct scratch *ret, struct err *e)
{
	auto_fd int tmp = dirs_open_folder(d->data_fd, "tmp", e);
	auto_fd int layers = tmp < 0 ? -1 : dirs_open_folder(d->data_fd, "layers", e);
	struct scratch s = {.fd = -1};
	int rc = 0;

	if (layers < 0 || give_to_container_root(map, tmp, "tmp", e) < 0)
		return -1;
	while (rc == 0)
		if (random_path(s.path, e) < 0 || (rc = claim(d->data_fd, &s, e)) < 0)
			return -1;
	if (give_to_container_root(map, s.fd, s.path, e) < 0) {
		scratch_end(d, map, &s);
		return -1;
	}
	*ret = s;
	return 0;
}

void scratch_end(const struct dirs *d, const struct id_map *map, struct scratch *s)
{
	struct err ignored;

	close(take_fd(&s->fd));
	(void)sweep_run(d, map, &ignored); /* what stays is swept by a later command */
}
