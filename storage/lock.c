/* SPDX-License-Identifier: Apache-2.0 */
/* The store's two locks; taken in rlc. */
#include "storage/lock.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <fcntl.h>
#include <sys/file.h>

static int take(int data, const char *name, int how, struct err *e)
{
	auto_fd int fd = openat(data, name, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return err_sys(e, "open %s of the store", name);
	do
		rc = flock(fd, how);
	while (rc < 0 && errno == EINTR);
	if (rc < 0 && errno == EWOULDBLOCK)
		return -2;
	return rc < 0 ? err_sys(e, "lock %s of the store", name) : take_fd(&fd);
}

int lock_index(int data, struct err *e)
{
	return take(data, "lock", LOCK_EX, e);
}

int lock_layers_shared(int data, struct err *e)
{
	return take(data, "layers.lock", LOCK_SH, e);
}

int lock_layers_alone(int data, struct err *e)
{
	return take(data, "layers.lock", LOCK_EX | LOCK_NB, e);
}
