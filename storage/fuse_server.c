/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process beneath a FUSE root, from its birth to its exec of fuse-overlayfs. A container's
 * every file operation is a message to it, so it is confined as if it were the container: it sees
 * the layers, read-only, the container's own changes, and the host's libraries to start from. Five
 * capabilities over the container's ids stay, since it makes files of all of them.
 */
#include "storage/fuse_server.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "lib/kernel/confine.h"
#include "lib/kernel/mount.h"
#include "lib/kernel/pivot.h"
#include "storage/fuse_calls.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define CAPS_KEPT                                                                                  \
	(1ULL << CAP_CHOWN |	    /* owners of what the container makes */                       \
	 1ULL << CAP_DAC_OVERRIDE | /* modes are checked before, by the kernel */                  \
	 1ULL << CAP_FOWNER |	    /* modes and times of any owner's files */                     \
	 1ULL << CAP_FSETID |	    /* setgid on files of other groups */                          \
	 1ULL << CAP_SETFCAP)	    /* security.capability */

#define NAMESPACES                                                                                 \
	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* Makes `name` in the new root and mounts there. */
static int attach(int root, const char *name, int tree, struct err *e)
{
	auto_fd int at = -1;

	if (mkdirat(root, name, 0755) < 0)
		return err_sys(e, "make /%s for fuse-overlayfs", name);
	at = openat(root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0)
		return err_sys(e, "open /%s for fuse-overlayfs", name);
	return mount_attach(tree, at, name, e);
}

/* ---- what of the host it starts from ---- */

/* The program's own libraries, and links that lead to them. A host lacks some of these. */
static const char *const host_folders[] = {"usr", "lib", "lib32", "lib64", "libx32", "nix", "gnu"};

static int take_host_folder(int root, const char *name, struct err *e)
{
	auto_free char *path = xasprintf("/%s", name);
	const struct mount_binding whole = {.source = path,
					    .name = path,
					    .recursive = true,
					    .flags = MS_RDONLY | MS_NOSUID | MS_NODEV,
					    .propagation = MS_PRIVATE,
					    .no_links = true};
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	auto_fd int tree = -1;

	if (n >= 0) {
		text[n] = '\0';
		return symlinkat(text, root, name) < 0 ? err_sys(e, "link %s", path) : 0;
	}
	if (access(path, F_OK) < 0)
		return 0;
	tree = mount_bind_open(&whole, e);
	return tree < 0 ? -1 : attach(root, name, tree, e);
}

/* The linker's list of libraries: without it only the usual folders are searched. */
static int take_linker_cache(int root, struct err *e)
{
	static const char path[] = "/etc/ld.so.cache";
	auto_fd int tree = -1, at = -1;

	if (access(path, R_OK) < 0)
		return 0;
	tree = mount_clone(path, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, e);
	if (tree < 0)
		return -1;
	if (mkdirat(root, "etc", 0755) < 0)
		return err_sys(e, "make /etc for fuse-overlayfs");
	at = openat(root, path + 1, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return at < 0 ? err_sys(e, "make %s for fuse-overlayfs", path)
		      : mount_attach(tree, at, path, e);
}

/* ---- its root ---- */

/* Of its own pid namespace: it shows this process alone. */
static int mount_proc(int root, struct err *e)
{
	auto_fd int at = -1;

	if (mkdirat(root, "proc", 0755) < 0)
		return err_sys(e, "make /proc for fuse-overlayfs");
	at = openat(root, "proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0)
		return err_sys(e, "open /proc for fuse-overlayfs");
	return mount_new("proc", at, "/proc for fuse-overlayfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			 NULL, e);
}

/* TOMOYO, which Debian's kernels have on, looks an execveat(2) of a descriptor up by this name. */
static int link_descriptors(int root, struct err *e)
{
	if (mkdirat(root, "dev", 0755) < 0 || symlinkat("/proc/self/fd", root, "dev/fd") < 0)
		return err_sys(e, "make /dev/fd for fuse-overlayfs");
	return 0;
}

static int fill_root(const struct fuse_server *f, int root, struct err *e)
{
	/* While the host's /proc is still in reach: mounts go by its descriptors. */
	if (mount_proc(root, e) < 0 || link_descriptors(root, e) < 0 ||
	    take_linker_cache(root, e) < 0)
		return -1;
	for (size_t i = 0; i < array_len(host_folders); i++)
		if (take_host_folder(root, host_folders[i], e) < 0)
			return -1;
	for (size_t i = 0; i < f->n_layers; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%zu", i);
		if (attach(root, name, f->layers[i], e) < 0)
			return -1;
	}
	if (attach(root, "own", f->own, e) < 0)
		return -1;
	return mount_restrict(root, "the root of fuse-overlayfs", MS_RDONLY, e);
}

static int change_root(const struct fuse_server *f, struct err *e)
{
	const bool initramfs = pivot_root_is_initramfs();
	auto_fd int root = -1;

	if (mount_isolate(false, e) < 0)
		return -1;
	root = mount_empty_root(e);
	if (root < 0 || fill_root(f, root, e) < 0)
		return -1;
	if (!initramfs)
		return pivot_into(root, e);
	/* It lies on "/" already; only our own root must follow. */
	if (fchdir(root) < 0 || chroot(".") < 0)
		return err_sys(e, "enter the root of fuse-overlayfs");
	return 0;
}

/* ---- what it gives up ---- */

static int drop_privilege(struct err *e)
{
	struct confine_caps caps = {.permitted = CAPS_KEPT, .effective = CAPS_KEPT};
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return err_sys(e, "forbid core files of fuse-overlayfs");
	if (confine_bounding(CAPS_KEPT, e) < 0 || confine_ambient(&caps, e) < 0 ||
	    confine_caps_set(&caps, e) < 0)
		return -1;
	return allow_load(fuse_calls, n_fuse_calls, e);
}

/* 0 … 2 for good; the rest closes itself by exec, but for the device. */
static int arrange_descriptors(const struct fuse_server *f, struct err *e)
{
	auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return err_sys(e, "open /dev/null");
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(f->words, STDERR_FILENO) < 0)
		return err_sys(e, "arrange the descriptors of fuse-overlayfs");
	return fcntl(f->device, F_SETFD, 0) < 0 ? err_sys(e, "keep /dev/fuse open") : 0;
}

/* ---- its life ---- */

static void name_arguments(const struct fuse_server *f, struct strv *ret)
{
	auto_str struct str options = {0};

	str_add(&options, "lowerdir=");
	for (size_t i = 0; i < f->n_layers; i++)
		str_addf(&options, "%s%zu", i ? ":" : "", i);
	str_addf(&options, ",upperdir=own/upper,workdir=own/work%s",
		 f->is_volatile ? ",volatile" : "");
	strv_add(ret, "fuse-overlayfs");
	strv_add(ret, "-f");
	strv_add(ret, "-o");
	strv_add(ret, str_get(&options));
	strv_addf(ret, "/dev/fd/%d", f->device);
}

static int confine(const struct fuse_server *f, struct err *e)
{
	/* Ctrl-C is meant for the container. */
	if (setsid() < 0)
		return err_sys(e, "make a session for fuse-overlayfs");
	if (arrange_descriptors(f, e) < 0 || change_root(f, e) < 0)
		return -1;
	return drop_privilege(e);
}

static void __attribute__((noreturn)) serve(const struct fuse_server *f)
{
	static char *const no_env[] = {NULL};
	const size_t n = f->n_layers;
	int *keep = xcalloc(n + 4, sizeof(*keep));
	auto_strv struct strv args = {0};
	struct err e = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memcpy(keep, f->layers, n * sizeof(*keep));
	keep[n] = f->program, keep[n + 1] = f->device, keep[n + 2] = f->own, keep[n + 3] = f->words;
	fd_close_all_but(STDERR_FILENO + 1, keep, n + 4);
	name_arguments(f, &args);
	if (confine(f, &e) == 0) {
		syscall(SYS_execveat, f->program, "", strv_list(&args), no_env, AT_EMPTY_PATH);
		err_sys(&e, "run fuse-overlayfs");
		err_hint(&e, "run without it: --storage-driver copy");
	}
	(void)!write(f->words, &e, sizeof(e)); /* set-up sees our end in any case */
	_exit(EXIT_LAUNCHER);
}

pid_t fuse_server_start(const struct fuse_server *f, int *ret_pidfd, struct err *e)
{
	int pidfd = -1;
	/* CLONE_PARENT: the launcher outlives set-up, and waits for its end. */
	struct clone_args args = {
	    .flags = CLONE_PARENT | CLONE_PIDFD | NAMESPACES,
	    .pidfd = (uintptr_t)&pidfd,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		return err_sys(e, "start a process for fuse-overlayfs");
	if (pid == 0)
		serve(f);
	*ret_pidfd = pidfd;
	return pid;
}
