/* SPDX-License-Identifier: Apache-2.0 */
/* The lock that says whether a container's monitor lives; used by every command on containers. */
#include "lib/state/lock.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

int lock_create(int folder, struct err *e)
{
	auto_fd int fd = openat(folder, "lock", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_sys(e, "make the container's lock");
	return take_fd(&fd);
}

int lock_probe(int folder, int *ret_fd, struct err *e)
{
	auto_fd int fd = openat(folder, "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	*ret_fd = -1;
	if (fd < 0 && errno == ENOENT)
		return LOCK_FREE;
	if (fd < 0)
		return err_sys(e, "open the container's lock");
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? LOCK_HELD : err_sys(e, "probe the container's lock");
	*ret_fd = take_fd(&fd);
	return LOCK_FREE;
}

int lock_wait(int folder, int millis, int *ret_fd, struct err *e)
{
	const struct timespec nap = {.tv_nsec = 2 * 1000 * 1000};
	int answer;

	/* flock(2) has no time-out; a monitor's last steps take a few naps at most. */
	while ((answer = lock_probe(folder, ret_fd, e)) == LOCK_HELD && millis > 0) {
		nanosleep(&nap, NULL);
		millis -= 2;
	}
	return answer;
}
