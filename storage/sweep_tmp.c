/* SPDX-License-Identifier: Apache-2.0 */
/* The half of the sweeper that owns every id a container had. In rlc-image. */
#include "storage/sweep_tmp.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/remove.h"

#include <fcntl.h>
#include <sys/file.h>

static int sweep_tmp(int tmp, const char *name, struct err *e)
{
	auto_fd int fd =
	    openat(tmp, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	/* What cannot be opened (a link, a socket) has no maker that could lock it. */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return 0;
	return remove_tree(tmp, name, e);
}

/* Out of layers/ by one rename, then like any garbage. */
static int sweep_layer(int layers, int tmp, const char *key, struct err *e)
{
	auto_free char *record = xasprintf("%s.json", key);
	auto_free char *garbage = xasprintf("rm-%s.%d", key, getpid());

	if (unlinkat(layers, record, 0) < 0 && errno != ENOENT)
		return err_sys(e, "remove layers/%s", record);
	if (renameat(layers, key, tmp, garbage) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "remove layers/%s", key);
	return sweep_tmp(tmp, garbage, e);
}

int sweep_path(int root, const char *path, struct err *e)
{
	enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	const char *name = strchr(path, '/') ? strchr(path, '/') + 1 : "";
	auto_fd int tmp = openat(root, "tmp", FLAGS);
	auto_fd int layers = openat(root, "layers", FLAGS);
	int rc;

	if (tmp < 0)
		return err_sys(e, "open tmp");
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_msg(e, "rlc-image: does not remove \"%s\"", path);
	if (str_starts(path, "tmp/"))
		rc = sweep_tmp(tmp, name, e);
	else if (str_starts(path, "layers/") && layers >= 0)
		rc = sweep_layer(layers, tmp, name, e);
	else
		return err_msg(e, "rlc-image: does not remove \"%s\"", path);
	return rc < 0 ? err_ctx(e, "%s", path) : 0;
}
