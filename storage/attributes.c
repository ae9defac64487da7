/* SPDX-License-Identifier: Apache-2.0 */
/* Owners, modes, times and extended attributes of what is unpacked. In rlc-image. */
#include "storage/unpack_job.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* What the user must add so that id `needed` exists. */
static int id_is_missing(const struct unpack_ids *ids, const char *what, uint64_t needed,
			 uint64_t there, struct err *e)
{
	uint64_t more = (needed - there) / 65536 * 65536 + 65536;

	err_msg(e, "it belongs to %s %llu, beyond the %llu ids of your user namespace", what,
		(unsigned long long)needed, (unsigned long long)there);
	if (!ids->next_free || ids->next_free + more > UINT32_MAX)
		return err_hint(e, "rebuild the image with owners below %llu",
				(unsigned long long)there);
	return err_hint(e, "sudo usermod --add-subuids %llu-%llu --add-subgids %llu-%llu %s",
			(unsigned long long)ids->next_free,
			(unsigned long long)(ids->next_free + more - 1),
			(unsigned long long)ids->next_free,
			(unsigned long long)(ids->next_free + more - 1), ids->user);
}

static int find_owner(struct job *j, const struct tar_entry *t, uid_t *uid, gid_t *gid,
		      struct err *e)
{
	const struct unpack_ids *ids = &j->u->ids;

	*uid = *gid = 0;
	if (ids->single) {
		j->report->squashed += t->uid || t->gid;
		return 0;
	}
	if (t->uid >= ids->uids)
		return id_is_missing(ids, "uid", t->uid, ids->uids, e);
	if (t->gid >= ids->gids)
		return id_is_missing(ids, "gid", t->gid, ids->gids, e);
	*uid = (uid_t)t->uid;
	*gid = (gid_t)t->gid;
	return 0;
}

/*
 * user.overlay.* would tell overlayfs to hide or redirect what lies below, trusted.* may not be
 * set here, a label of security.selinux belongs to the host that wrote the tar.
 */
static bool xattr_is_wanted(const char *name)
{
	if (strcmp(name, "security.capability") == 0)
		return true;
	/* The last two are fuse-overlayfs' marks, one of which lies about owners. */
	return str_starts(name, "user.") && !str_starts(name, "user.overlay.") &&
	       !str_starts(name, "user.fuseoverlayfs.") && !str_starts(name, "user.containers.");
}

static int set_xattrs(struct job *j, int fd, const struct tar_entry *t, struct err *e)
{
	for (size_t i = 0; i < t->n_xattrs; i++) {
		const struct tar_xattr *x = &t->xattrs[i];

		if (!xattr_is_wanted(x->name)) {
			j->report->xattrs++;
			continue;
		}
		if (job_take_bytes(j, x->n, e) < 0)
			return -1;
		if (fsetxattr(fd, x->name, x->value, x->n, 0) == 0)
			continue;
		if (errno != EPERM && errno != ENOTSUP)
			return err_sys(e, "set its extended attribute %.100s", x->name);
		j->report->xattrs++;
	}
	return 0;
}

/* Owner first: its change takes setuid and capabilities away. */
int attributes_set(struct job *j, int fd, const struct tar_entry *t, bool mode_is_set,
		   struct err *e)
{
	uid_t uid;
	gid_t gid;

	if (find_owner(j, t, &uid, &gid, e) < 0)
		return -1;
	if ((uid || gid) && fchown(fd, uid, gid) < 0)
		return err_sys(e, "give it to %u:%u", uid, gid);
	if ((!mode_is_set || (t->mode & 07000)) && fchmod(fd, t->mode) < 0)
		return err_sys(e, "set its mode %04o", t->mode);
	return set_xattrs(j, fd, t, e);
}

int attributes_set_at(struct job *j, int at, const char *name, const struct tar_entry *t,
		      struct err *e)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, t->mtime};
	uid_t uid;
	gid_t gid;

	if (find_owner(j, t, &uid, &gid, e) < 0)
		return -1;
	if ((uid || gid) && fchownat(at, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "give it to %u:%u", uid, gid);
	if (utimensat(at, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "set its time");
	j->report->xattrs += t->n_xattrs;
	return 0;
}
