/* SPDX-License-Identifier: Apache-2.0 */
/* The half of the sweeper that runs in rlc: as the user, without a namespace. */
#include "storage/sweep.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/strv.h"
#include "lib/kernel/idmap.h"
#include "lib/state/dirs.h"
#include "storage/worker.h"

#include <fcntl.h>
#include <sys/file.h>

static int run_worker(const struct dirs *d, const struct id_map *map, struct strv *keys,
		      struct err *e)
{
	struct worker_request r = {.verb = "remove",
				   .root = "tmp",
				   .keys = *keys,
				   .input = -1,
				   .folder = -1,
				   .folder_sock = -1};
	auto_json struct json_object *answer = NULL;

	return worker_run(d, map, &r, &answer, e);
}

/* What the user owns goes without further ado; the rest is left for rlc-image. */
static bool remove_as_user(const struct id_map *map, int tmp, const char *name, bool *ret_busy)
{
	auto_fd int fd =
	    openat(tmp, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct err ignored;

	*ret_busy = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	/* Real root could remove all of it, but shall not walk trees that containers made. */
	return !*ret_busy && !map->direct && file_remove_tree(tmp, name, &ignored) == 0;
}

int sweep_run(const struct dirs *d, const struct id_map *map, struct err *e)
{
	int fd = openat(d->data_fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir DIR *tmp = fd_into_dir(fd);
	auto_strv struct strv left = {0};
	struct dirent *entry;
	bool busy;

	if (!tmp)
		return errno == ENOENT ? 0 : err_sys(e, "list %s/tmp", d->data);
	while ((entry = readdir(tmp))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!remove_as_user(map, fd, entry->d_name, &busy) && !busy)
			strv_addf(&left, "path=%s", entry->d_name);
	}
	return left.n ? run_worker(d, map, &left, e) : 0;
}

int sweep_layers(const struct dirs *d, const struct id_map *map, const struct strv *keys,
		 struct err *e)
{
	/* They leave their names first, so that nothing ever finds half of one. */
	for (size_t i = 0; i < keys->n; i++) {
		auto_free char *from = xasprintf("layers/%s", keys->v[i]);
		auto_free char *to = xasprintf("tmp/rm-%s.%d", keys->v[i], getpid());

		if (renameat(d->data_fd, from, d->data_fd, to) < 0 && errno != ENOENT)
			return err_sys(e, "remove %s", from);
	}
	return keys->n ? sweep_run(d, map, e) : 0;
}
