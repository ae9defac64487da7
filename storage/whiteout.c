/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deletions of a layer (image-spec layer.md, "Whiteouts") as overlayfs marks them: a character
 * device 0:0 in the place of a deleted name, user.overlay.opaque on a folder. In rlc-image.
 */
#include "storage/unpack_job.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { WHITEOUTS_MAX = 1000000 };

static int remember(struct job *j, const char *path, struct err *e)
{
	const uint64_t most = j->u->limits.deleted;

	j->report->names++;
	j->deleted += strlen(path) + sizeof(char *);
	/* A million of usual length, but not of 4096 bytes each. */
	if (++j->report->whiteouts > WHITEOUTS_MAX || j->deleted > most)
		return err_msg(e,
			       "the layer has more than %d whiteouts, or %llu bytes of their names",
			       WHITEOUTS_MAX, (unsigned long long)most);
	strv_add(&j->whiteouts, path);
	return 0;
}

static int make_opaque(struct job *j, const char *path, struct err *e)
{
	auto_free char *above = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	struct tree_folder *f = job_folder(j, above, e);

	j->report->hides_all = j->report->hides_all || strcmp(above, ".") == 0;
	return f ? tree_set_opaque(j->tree, f, e) : -1;
}

/* The layer has its own content under the deleted name: only what lies below is to be hidden. */
static int whiteout_beside(struct job *j, const char *target, struct err *e)
{
	struct tree_folder *f = tree_get(j->tree, target);

	if (!f)
		return 0; /* a file hides what is below by itself */
	f->fresh = !f->named;
	return tree_set_opaque(j->tree, f, e);
}

static int make_whiteout(struct job *j, const char *path, const char *deleted, struct err *e)
{
	size_t folder = (size_t)(deleted - path) - 4;
	auto_free char *target = xasprintf("%.*s%s", (int)folder, path, deleted);
	const char *name;
	int at;

	if (!*deleted || strcmp(deleted, ".") == 0 || strcmp(deleted, "..") == 0)
		return err_msg(e, "a whiteout that deletes no name");
	/* With nothing below there is nothing to delete, and the mark would show as a file. */
	if (j->u->lower.n == 0) {
		j->report->depends = true;
		return 0;
	}
	at = tree_find_parent(j->tree, target, &name);
	if (at < 0 && errno == ENOTDIR)
		return 0; /* its folder is deleted already */
	if (at < 0)
		at = tree_parent(j->tree, target, &name, e);
	if (at < 0)
		return -1;
	if (mknodat(at, name, S_IFCHR, makedev(0, 0)) == 0)
		return remember(j, target, e);
	if (errno != EEXIST) {
		err_sys(e, "make a whiteout");
		return err_hint(
		    e, "inside a user namespace that needs Linux 5.8 or newer, and a store that "
		       "does not lie on an overlay: --root names another folder");
	}
	return whiteout_beside(j, target, e);
}

int whiteout_take(struct job *j, const char *path, struct err *e)
{
	static const char prefix[] = ".wh.", meta[] = ".wh..wh.", opaque[] = ".wh..wh..opq";
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	auto_free char *at_root = NULL;
	int rc;

	/* AUFS' own bookkeeping (layer.md), in folders too: says nothing about the files. */
	if (str_starts(path, meta) && strcmp(path, opaque) != 0)
		return 1;
	if (!str_starts(name, prefix))
		return 0;
	if (strcmp(name, opaque) == 0) {
		at_root = slash ? NULL : xasprintf("./%s", path);
		rc = make_opaque(j, at_root ? at_root : path, e);
	} else if (str_starts(name, meta)) {
		rc = 0; /* as above */
	} else {
		rc = make_whiteout(j, path, name + sizeof(prefix) - 1, e);
	}
	return rc < 0 ? -1 : 1;
}

/* In an opaque folder a whiteout has nothing to hide, and its name would show in listings. */
int whiteout_drop_needless(struct job *j, struct err *e)
{
	for (size_t i = 0; i < j->whiteouts.n; i++) {
		const char *path = j->whiteouts.v[i], *name;
		struct stat st;
		int at;

		if (!tree_is_covered(j->tree, path))
			continue;
		at = tree_find_parent(j->tree, path, &name);
		if (at < 0 || fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISCHR(st.st_mode))
			continue; /* replaced by another entry since */
		if (unlinkat(at, name, 0) < 0)
			return err_sys(e, "drop the whiteout of %s", path);
		j->report->names--;
	}
	return 0;
}
