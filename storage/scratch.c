/* SPDX-License-Identifier: Apache-2.0 */
/* Folders in tmp/ that vanish with their maker. In rlc-image. */
#include "storage/scratch.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/remove.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

static int random_name(char *name, struct err *e)
{
	unsigned char bytes[8];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_sys(e, "get random bytes");
	strcpy(name, "image-");
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(name + 6 + 2 * i, "%02x", bytes[i]);
	return 0;
}

/* 1: ours; 0: the sweeper came between mkdir and flock. */
static int claim(struct scratch *s, struct err *e)
{
	struct stat st;

	if (mkdirat(s->tmp, s->name, 0700) < 0)
		return err_sys(e, "make folder tmp/%s", s->name);
	s->fd = openat(s->tmp, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open folder tmp/%s", s->name);
	if (flock(s->fd, LOCK_EX | LOCK_NB) == 0 && fstat(s->fd, &st) == 0 && st.st_nlink > 0)
		return 1;
	close(s->fd);
	s->fd = -1;
	return 0;
}

int scratch_make(int store, struct scratch *ret, struct err *e)
{
	struct scratch s = {.fd = -1};
	auto_fd int tmp = -1;
	int rc = 0;

	if (mkdirat(store, "tmp", 0700) < 0 && errno != EEXIST)
		return err_sys(e, "make folder tmp");
	tmp = openat(store, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (tmp < 0)
		return err_sys(e, "open folder tmp");
	s.tmp = tmp;
	while (rc == 0)
		if (random_name(s.name, e) < 0 || (rc = claim(&s, e)) < 0)
			return -1;
	(void)take_fd(&tmp); /* *ret has it */
	*ret = s;
	return 0;
}

void scratch_end(struct scratch *s)
{
	struct err ignored;

	(void)remove_tree(s->tmp, s->name, &ignored); /* the sweeper tries again */
	close(s->fd);
	close(s->tmp);
	*s = (struct scratch){.tmp = -1, .fd = -1};
}

int scratch_file(const struct scratch *s, struct err *e)
{
	int fd = openat(s->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		fd = openat(s->fd, "spool", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
		if (fd >= 0)
			unlinkat(s->fd, "spool", 0);
	}
	return fd < 0 ? err_sys(e, "make a file in tmp/%s", s->name) : fd;
}
