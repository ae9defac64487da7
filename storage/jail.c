/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The confinement of rlc-image. It inflates and reads what strangers made, in C; whoever breaks it
 * shall find the store, six capabilities over the container's own ids, and nothing to escape by.
 */
#include "storage/jail.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/confine.h"
#include "lib/kernel/mount.h"
#include "lib/kernel/pivot.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define CAPS_KEPT                                                                                  \
	(1ULL << CAP_CHOWN |	    /* owners of what is unpacked */                               \
	 1ULL << CAP_DAC_OVERRIDE | /* write into folders of other owners, remove them */          \
	 1ULL << CAP_FOWNER |	    /* their modes and times */                                    \
	 1ULL << CAP_FSETID |	    /* setgid on files of other groups */                          \
	 1ULL << CAP_MKNOD |	    /* fifos need none; asked for by some kernels' whiteouts */    \
	 1ULL << CAP_SETFCAP)	    /* security.capability of the image's files */

/* The store becomes a mount of its own: only a mount can be a root. */
static int mount_store(int store, struct err *e)
{
	auto_fd int tree =
	    (int)syscall(SYS_open_tree, store, "",
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);

	if (tree < 0 || syscall(SYS_move_mount, tree, "", store, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(e, "mount the store on itself");
	/* Nothing in it is ever executed here, whatever mode an image gives it. */
	if (mount_restrict(tree, "the store", MS_NOSUID | MS_NODEV | MS_NOEXEC, e) < 0)
		return -1;
	return take_fd(&tree);
}

static int enter_store(int store, struct err *e)
{
	auto_fd int root = -1;

	if (mount_isolate(false, e) < 0)
		return -1;
	root = mount_store(store, e);
	if (root < 0)
		return -1;
	if (pivot_root_is_initramfs() ? pivot_by_move(root, e) : pivot_into(root, e))
		return -1;
	/* It stands in the old tree: ".." would lead out of the jail. */
	close(store);
	return 0;
}

static int drop_privilege(struct err *e)
{
	struct confine_caps caps = {.permitted = CAPS_KEPT, .effective = CAPS_KEPT};

	if (confine_bounding(CAPS_KEPT, e) < 0 || confine_ambient(&caps, e) < 0 ||
	    confine_caps_set(&caps, e) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "set no_new_privs");
	return 0;
}

/* Folders nest deeper than the usual 1024 descriptors. */
static void raise_descriptor_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files); /* the usual limit does for all but odd images */
}

int jail_enter(int store, struct err *e)
{
	struct rlimit none = {0, 0};

	if (enter_store(store, e) < 0)
		return err_ctx(e, "confine rlc-image");
	raise_descriptor_limit();
	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(e, "forbid core files of rlc-image");
	if (drop_privilege(e) < 0)
		return err_ctx(e, "confine rlc-image");
	return 0;
}
