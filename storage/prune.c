/* SPDX-License-Identifier: Apache-2.0 */
/* Mark and sweep over the store; runs in rlc, as the user. */
#include "storage/prune.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "lib/state/claim.h"
#include "lib/state/dirs.h"
#include "lib/state/record.h"
#include "storage/index.h"
#include "storage/lock.h"
#include "storage/sweep.h"

#include <fcntl.h>

/* What is in use: hex digests of blobs, of manifests' records, and layer folders. */
struct marks {
	struct strv blobs, records, layers;
};

static void marks_free(struct marks *m)
{
	strv_free(&m->blobs);
	strv_free(&m->records);
	strv_free(&m->layers);
}

static int mark(const struct dirs *d, struct marks *m, struct err *e)
{
	struct index x = {0};
	int rc = 0;

	if (index_read(d->data_fd, &x, e) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < x.n; i++) {
		struct image_record r = {0};

		strv_add(&m->blobs, x.v[i].digest + 7);
		strv_addf(&m->records, "%s.json", x.v[i].digest + 7);
		/* Unreadable: what it uses is unknown, so nothing may go. A missing one uses
		 * nothing. */
		if (image_record_read(d->data_fd, x.v[i].digest, &r, e) < 0) {
			rc = e->sys == ENOENT ? 0 : -1;
			continue;
		}
		strv_add(&m->blobs, r.config + 7);
		strv_copy(&m->blobs, &r.blobs);
		strv_copy(&m->layers, &r.layers);
		image_record_free(&r);
	}
	index_free(&x);
	return rc;
}

/*
 * A container stands on the layers of an image that may have lost its name since: each record says
 * which. One that cannot be read might be of any.
 */
static int mark_containers(const struct dirs *d, struct marks *m, struct err *e)
{
	auto_strv struct strv ids = {0};

	if (record_list(d, &ids, e) < 0)
		return -1;
	for (size_t i = 0; i < ids.n; i++) {
		struct record_state state;
		struct record r;

		if (record_load(d, ids.v[i], &r, &state, e) < 0) {
			/* Exit 1: removed since it was listed. */
			if (e->exit == 1)
				continue;
			return -1;
		}
		for (size_t k = 0; k < r.layers.n; k++)
			strv_take(&m->layers, xstrndup(r.layers.v[k], strcspn(r.layers.v[k], "/")));
		record_free(&r);
	}
	return 0;
}

/* Calls each for every name in the folder that is not in `used`. A missing folder is empty. */
static int each_unused(int data, const char *folder, const struct strv *used,
		       int (*each)(int at, const char *name, void *arg), void *arg)
{
	int fd = openat(data, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir DIR *d = fd_into_dir(fd);
	struct dirent *entry;

	if (!d)
		return errno == ENOENT ? 0 : -1;
	while ((errno = 0, entry = readdir(d)))
		if (entry->d_name[0] != '.' && !strv_has(used, entry->d_name) &&
		    each(dirfd(d), entry->d_name, arg) < 0)
			return -1;
	return errno ? -1 : 0;
}

static int unlink_one(int at, const char *name, void *arg)
{
	(void)arg;
	return unlinkat(at, name, 0);
}

static int collect(int at, const char *name, void *arg)
{
	(void)at;
	strv_add(arg, name);
	return 0;
}

/* Half-written files of writers that were killed; the lock says that none is alive. */
static int unlink_half_written(int at, const char *name, void *arg)
{
	(void)arg;
	return str_ends(name, ".tmp") ? unlinkat(at, name, 0) : 0;
}

/* The small files, with the index locked. */
static int prune_files(const struct dirs *d, struct marks *m, struct err *e)
{
	auto_fd int lock = lock_index(d->data_fd, e);
	const struct strv none = {0};

	if (lock < 0 || mark(d, m, e) < 0)
		return -1;
	if (each_unused(d->data_fd, "blobs/sha256", &m->blobs, unlink_one, NULL) < 0 ||
	    each_unused(d->data_fd, "images", &m->records, unlink_one, NULL) < 0 ||
	    each_unused(d->data_fd, ".", &none, unlink_half_written, NULL) < 0)
		return err_sys(e, "remove unused files of the store %s", d->data);
	return 0;
}

static int keep_layers(struct marks *m, const struct err *why)
{
	log_warn("no layer is removed: %s", why->what);
	marks_free(m);
	return 0;
}

int prune_unused(const struct dirs *d, const struct id_map *map, struct err *e)
{
	/* First: a load that begins now would use layers that are about to go. */
	auto_fd int layers = lock_layers_alone(d->data_fd, e);
	auto_strv struct strv unused = {0};
	struct marks m = {0};
	struct err unknown;
	int rc;

	/*
	 * Another pull, start or check: it has published what no index names yet, or reads what
	 * one named. What is unused goes with the next command.
	 */
	if (layers < 0)
		return layers == -1 ? -1 : 0;
	rc = prune_files(d, &m, e);
	/* With the lock held no start is between finding its layers and having a record. */
	if (rc == 0 && mark_containers(d, &m, &unknown) < 0)
		return keep_layers(&m, &unknown);
	if (rc == 0)
		rc = claim_sweep(d, e);
	if (rc == 0 && each_unused(d->data_fd, "layers", &m.layers, collect, &unused) < 0)
		rc = err_sys(e, "list the layers of the store %s", d->data);
	if (rc == 0)
		rc = sweep_layers(d, map, &unused, e);
	marks_free(&m);
	return rc;
}
