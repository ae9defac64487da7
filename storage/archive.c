/* SPDX-License-Identifier: Apache-2.0 */
/* Finds files in an image archive without unpacking it. In rlc-image. */
#include "storage/archive.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "storage/stream.h"
#include "storage/tar.h"

#include <search.h>

/* docker save writes three files a layer; whatever has more is no image. */
enum { MEMBERS_MAX = 100000, LINKS_MAX = 8 };

struct member {
	char *path; /* "/index.json" */
	char *link; /* "/blobs/…" or NULL */
	uint64_t offset, size;
};

struct archive {
	void *members; /* tsearch(3) */
	size_t n;
};

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->path, ((const struct member *)b)->path);
}

static void member_free(void *at)
{
	struct member *m = at;

	free(m->path);
	free(m->link);
	free(m);
}

/* Where a link leads, as a path from the archive's root; purely textual. */
static char *link_target(const struct tar_entry *t, const char *path)
{
	auto_free char *joined = NULL;

	if (t->type == TAR_HARDLINK || t->link[0] == '/')
		return path_clean(t->link);
	joined = xasprintf("%.*s/%s", (int)(strrchr(path, '/') - path), path, t->link);
	return path_clean(joined);
}

static int add(struct archive *a, const struct tar_entry *t, uint64_t size, struct err *e)
{
	struct member *m = xcalloc(1, sizeof(*m)), **at;

	m->path = path_clean(t->path);
	m->offset = t->data;
	m->size = t->packed;
	if (t->type != TAR_FILE)
		m->link = link_target(t, m->path);
	if (t->packed > size || t->data > size - t->packed) {
		err_msg(e, "it ends in the middle of %s", m->path);
		goto fail;
	}
	at = a->n < MEMBERS_MAX ? tsearch(m, &a->members, by_path) : NULL;
	if (!at) {
		err_msg(e, "it has more than %d files", MEMBERS_MAX);
		goto fail;
	}
	a->n++;
	if (*at != m) {
		/* The later of two of one name counts, as when it is unpacked. */
		struct member was = **at;

		**at = *m;
		*m = was;
		member_free(m);
	}
	return 0;
fail:
	member_free(m);
	return -1;
}

static int read_all(struct archive *a, struct tar *t, uint64_t size, struct err *e)
{
	const struct tar_entry *entry;
	int rc;

	while ((rc = tar_next(t, &entry, e)) > 0) {
		bool is_file = entry->type == TAR_FILE && !entry->is_sparse;

		if (!is_file && entry->type != TAR_SYMLINK && entry->type != TAR_HARDLINK)
			continue;
		if (add(a, entry, size, e) < 0)
			return -1;
	}
	return rc;
}

struct archive *archive_open(int fd, uint64_t size, const char *name, struct err *e)
{
	struct archive *a;
	struct stream *s;
	struct tar *t;
	int rc;

	if (size == 0) {
		err_msg(e, "%s is empty", name);
		err_hint(e, "what should have written it may have failed");
		return NULL;
	}
	a = xcalloc(1, sizeof(*a));
	s = stream_region(fd, 0, size, name);
	t = tar_new(s);
	rc = read_all(a, t, size, e);
	tar_free(t);
	stream_free(s);
	if (rc == 0)
		return a;
	if (a->n == 0 && !e->hint[0])
		err_hint(e,
			 "an archive of `docker save`, `podman save` or `skopeo copy` is wanted");
	archive_free(a);
	err_ctx(e, "%s", name);
	return NULL;
}

bool archive_find(const struct archive *a, const char *name, uint64_t *ret_offset,
		  uint64_t *ret_size)
{
	auto_free char *path = path_clean(name);

	for (int i = 0; i < LINKS_MAX; i++) {
		struct member key = {.path = path};
		struct member *const *at = tfind(&key, &a->members, by_path);

		if (!at)
			return false;
		if (!(*at)->link) {
			*ret_offset = (*at)->offset;
			*ret_size = (*at)->size;
			return true;
		}
		xstr_set(&path, (*at)->link);
	}
	return false;
}

void archive_free(struct archive *a)
{
	if (!a)
		return;
	tdestroy(a->members, member_free);
	free(a);
}
