/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user can do about each thing a host may lack. `rlc doctor` prints these texts and the
 * same ones stand as hint under the error when a run fails for that cause.
 */
#pragma once

struct err;

enum fix {
	FIX_NONE,	     /* nothing to mend: "" */
	FIX_DOCTOR,	     /* cause unknown: points to `rlc doctor` */
	FIX_USERNS_SYSCTL,   /* kernel.unprivileged_userns_clone=0 */
	FIX_USERNS_MAX,	     /* user.max_user_namespaces used up or 0 */
	FIX_NAMESPACES_MAX,  /* another of user.max_*_namespaces is 0 */
	FIX_USERNS_APPARMOR, /* kernel.apparmor_restrict_unprivileged_userns=1 */
	FIX_USERNS_KERNEL,   /* built without CONFIG_USER_NS */
	FIX_USERNS_CHROOT,   /* the kernel refuses user namespaces in a chroot */
	FIX_USERNS_NESTED,   /* an outer container's seccomp filter refuses them */
	FIX_USERNS_OTHER,    /* none of these: a chroot that is a mount point, a security module */
	FIX_NEWUIDMAP_MISSING,
	FIX_NEWUIDMAP_PRIVILEGE, /* there, but neither setuid nor with file capabilities */
	FIX_NEWUIDMAP_NOSUID,	 /* its file system is mounted nosuid, or no_new_privs is set */
	FIX_SUBIDS,
	FIX_OVERLAY, /* the kernel keeps it from users */
	FIX_OVERLAY_MODULE,
	FIX_OVERLAY_STORE,  /* not on this file system */
	FIX_FUSE,	    /* /dev/fuse absent or closed */
	FIX_FUSE_OVERLAYFS, /* the program is not installed */
	FIX_TUN,
	FIX_CGROUP_DELEGATION, /* controllers are not handed to the user's session */
	FIX_CGROUP_SCOPE,      /* delegated elsewhere: this process stands outside */
	FIX_CGROUP_BUSY,       /* the group rlc may use holds processes itself */
	FIX_CGROUP_NONE,       /* the kernel is built without the controller */
	FIX_CGROUP_MOUNT,      /* cgroup2 is not mounted */
	FIX_CGROUP_V1,	       /* hybrid or legacy hierarchy: the controllers are on v1 */
	FIX_CGROUP_NSDELEGATE,
	FIX_RUN_FOLDER,
	FIX_LINGER,
	FIX_PING_RANGE,
	FIX_PROC_MISSING,
	FIX_PROC_MASKED,     /* an outer container masks /proc: a fresh one may not be mounted */
	FIX_LANDLOCK_KERNEL, /* not built in */
	FIX_LANDLOCK_BOOT,   /* built in, not among the modules that were started */
	FIX_KERNEL,	     /* lacks a system call every run needs */
	FIX_N,
};

/* Never NULL; at most 799 bytes, lines parted by "\n". */
const char *fix_text(enum fix id);
/* Sets fix_text(id) as the hint of an error that already stands in e. Returns -1. */
int err_fix(struct err *e, enum fix id);
