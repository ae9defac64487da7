/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The confinement of rlc-image. It inflates and reads what strangers made, in C; whoever breaks it
 * shall find the layers, read-only, its own half-made ones, five capabilities over the container's
 * ids, and nothing to escape by: no record of a container, no index, no file of the user, no
 * socket, no other program, and few of the kernel's system calls.
 */
#include "storage/jail.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/allow.h"
#include "lib/kernel/confine.h"
#include "lib/kernel/landlock.h"
#include "lib/kernel/mount.h"
#include "lib/kernel/pivot.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define CAPS_KEPT                                                                                  \
	(1ULL << CAP_CHOWN |	    /* owners of what is unpacked */                               \
	 1ULL << CAP_DAC_OVERRIDE | /* write into folders of other owners, remove them */          \
	 1ULL << CAP_FOWNER |	    /* their modes and times */                                    \
	 1ULL << CAP_FSETID |	    /* setgid on files of other groups */                          \
	 1ULL << CAP_SETFCAP)	    /* security.capability of the image's files */

#define CLONE_NAMESPACES                                                                           \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
	 CLONE_NEWCGROUP)

/* Where clone(2) has its flags. */
#ifdef __s390x__
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif

/* Found by strace of every verb, on ext4, btrfs, xfs and tmpfs; the most frequent first. */
static const struct allow allowed[] = {
    {SYS_write},
    {SYS_pwrite64},
    {SYS_openat},
    {SYS_openat2}, /* folders of a layer, beneath its root */
    {SYS_close},
    {SYS_utimensat},
    {SYS_newfstatat},
    {SYS_fstat},
    {SYS_futex},
    {SYS_read},
    {SYS_pread64},
    {SYS_fchown},
    {SYS_fchownat},
    {SYS_fchmod},
    {SYS_mkdirat},
    {SYS_symlinkat},
    {SYS_linkat},
    {SYS_unlinkat},
    {SYS_mknodat}, /* whiteouts and fifos; the kernel refuses devices in a user namespace */
    {SYS_ftruncate},
    {SYS_fsetxattr},
    {SYS_fgetxattr},
    {SYS_flistxattr},
    {SYS_readlinkat},
    {SYS_copy_file_range}, /* a hard link to a file of a layer below */
    {SYS_getdents64},
#ifdef SYS_renameat
    {SYS_renameat}, /* removal flattens trees */
#else
    {SYS_renameat2},
#endif
    {SYS_flock},
    {SYS_fcntl},
    {SYS_syncfs},
    {SYS_uname}, /* the platform */
    /* memory */
    {SYS_brk},
    {SYS_mmap, 2, PROT_EXEC, 0},
    {SYS_mprotect, 2, PROT_EXEC, 0},
    {SYS_munmap},
    {SYS_mremap},
    {SYS_madvise},
    /*
     * Threads, not processes: of clone3, whose flags a filter cannot read, libc falls back to
     * clone.
     */
    {SYS_clone, CLONE_FLAGS, CLONE_THREAD | CLONE_VM | CLONE_NAMESPACES, CLONE_THREAD | CLONE_VM},
    {SYS_set_robust_list},
    {SYS_rseq},
    {SYS_rt_sigprocmask},
    {SYS_sched_getaffinity}, /* how many arenas malloc(3) makes */
    {SYS_sysinfo},	     /* how much qsort(3) may copy */
    {SYS_getpid},	     /* libcrypto looks whether it was forked */
    {SYS_getrandom},	     /* seeds of hash tables */
    {SYS_exit},
    /* What asks rlc or rlc-fetch, on the socket that it was given. */
    {SYS_sendmsg},
    {SYS_sendto},
    {SYS_recvmsg},
    {SYS_shutdown},
    {SYS_pipe2},
};

/* Mounts a folder (a descriptor of this namespace) on another. Returns the mount's root. */
static int bind(int folder, int on, const char *name, unsigned long flags, struct err *e)
{
	auto_fd int tree =
	    (int)syscall(SYS_open_tree, folder, "",
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);

	if (tree < 0 || syscall(SYS_move_mount, tree, "", on, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(e, "mount %s of the store", name);
	/* Nothing in it is ever executed here, whatever mode an image gives it. */
	if (mount_restrict(tree, name, flags | MS_NOSUID | MS_NODEV | MS_NOEXEC, e) < 0)
		return -1;
	return take_fd(&tree);
}

static int bind_layers(int layers, int root, struct err *e)
{
	auto_fd int at = -1, tree = -1;

	if (mkdirat(root, "layers", 0700) < 0)
		return err_sys(e, "make a mount point for the layers");
	at = openat(root, "layers", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0)
		return err_sys(e, "open the mount point for the layers");
	tree = bind(layers, at, "layers", MS_RDONLY, e);
	return tree < 0 ? -1 : 0;
}

/* Only a mount can be a root: the scratch folder becomes one of its own. */
static int change_root(int scratch, int layers, struct err *e)
{
	auto_fd int root = -1;

	if (mount_isolate(false, e) < 0)
		return -1;
	root = bind(scratch, scratch, "the scratch folder", 0, e);
	if (root < 0 || (layers >= 0 && bind_layers(layers, root, e) < 0))
		return -1;
	if (pivot_root_is_initramfs() ? pivot_by_move(root, e) : pivot_into(root, e))
		return -1;
	/* They stand in the old tree: ".." would lead out of the jail. */
	close(scratch);
	if (layers >= 0)
		close(layers);
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

/*
 * A new user namespace would give back every capability, over the kernel's mount and network code.
 * The limit counts in this namespace only. Best effort: without procfs nothing is lost but this.
 */
static void forbid_namespaces(void)
{
	auto_fd int limit = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);

	(void)!write(limit, "0", 1);
}

/* A second time, where the kernel can: beneath the root all but executing, and no TCP. */
static int confine_files(struct err *e)
{
	auto_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct landlock_beneath row = {root, LANDLOCK_CHANGE};

	if (root < 0)
		return err_sys(e, "open the scratch folder");
	return landlock_confine(&row, 1, LANDLOCK_NETWORK_NONE, e) < 0 ? -1 : 0;
}

int jail_enter(int scratch, int layers, struct err *e)
{
	struct rlimit none = {0, 0};

	forbid_namespaces();
	if (change_root(scratch, layers, e) < 0)
		return err_ctx(e, "confine rlc-image");
	raise_descriptor_limit();
	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(e, "forbid core files of rlc-image");
	if (drop_privilege(e) < 0 || confine_files(e) < 0)
		return err_ctx(e, "confine rlc-image");
	return 0;
}

int jail_filter(struct err *e)
{
	if (allow_load(allowed, array_len(allowed), e) < 0)
		return err_ctx(e, "confine rlc-image");
	return 0;
}
