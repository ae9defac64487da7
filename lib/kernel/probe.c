/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes run in a child made like the set-up process of a run. What it mounts lives in its own
 * mount namespace and goes with it.
 */
#include "lib/kernel/probe.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/kernel/idmap.h"
#include "lib/kernel/tap.h"
#include "lib/kernel/userns.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef FSCONFIG_SET_STRING
#define FSCONFIG_SET_STRING 1
#endif

/* Everything the child does. What went wrong crosses the pipe in one write; nothing: all is well.
 */
static void __attribute__((noreturn)) child(const struct probe *p, int go, int report)
{
	struct err e;
	int failed = p->folder && chdir(p->folder) < 0 ? err_sys(&e, "enter %s", p->folder) : 0;

	if (!failed)
		failed = userns_enter(go, &e);

	/* A mount made here must not travel to the host, nor one of the host's come in. */
	if (!failed && p->namespaces & CLONE_NEWNS &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		failed = err_sys(&e, "make the mounts of the new namespace private");
	if (!failed && p->step)
		failed = p->step(p->arg, &e);
	if (failed)
		(void)fd_write_all(report, &e, sizeof(e)); /* the parent sees the exit status too */
	_exit(failed ? 1 : 0);
}

/* Reads the report of the child and waits for it. */
static int collect(pid_t pid, int report, struct err *e)
{
	struct err told;
	ssize_t n = fd_read_full(report, &told, sizeof(told));
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, "wait for the probing process");
	if (n == (ssize_t)sizeof(told)) {
		*e = told;
		return -1;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_msg(e, "the probing process was killed by signal %d",
			       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	return 0;
}

enum probe_end probe_run(const struct probe *p, struct err *e)
{
	auto_fd int go_read = -1, go_write = -1, report_read = -1, report_write = -1, pidfd = -1;
	struct err ignored;
	int go[2], report[2];
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0) {
		err_sys(e, "make a pipe");
		return PROBE_CLONE;
	}
	go_read = go[0], go_write = go[1];
	if (pipe2(report, O_CLOEXEC) < 0) {
		err_sys(e, "make a pipe");
		return PROBE_CLONE;
	}
	report_read = report[0], report_write = report[1];
	pid = userns_clone(p->namespaces, -1, &pidfd, e);
	if (pid < 0)
		return PROBE_CLONE;
	if (pid == 0) {
		close(go_write);
		close(report_read);
		child(p, go_read, report_write);
	}
	close(take_fd(&report_write));
	if (idmap_write(p->map, pid, e) < 0) {
		close(take_fd(&go_write)); /* end of file: the child gives up */
		(void)collect(pid, report_read, &ignored);
		return PROBE_MAP;
	}
	(void)fd_write_all(go_write, "", 1); /* a dead child reports by its status */
	return collect(pid, report_read, e) < 0 ? PROBE_STEP : PROBE_OK;
}

int probe_proc(const char *unused, struct err *e)
{
	(void)unused;
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return err_sys(e, "mount a fresh /proc");
	return 0;
}

int probe_tmpfs(const char *unused, struct err *e)
{
	(void)unused;
	if (mount("tmpfs", "/", "tmpfs", MS_NOSUID | MS_NODEV, "size=4k") < 0)
		return err_sys(e, "mount a tmpfs");
	return 0;
}

static const char *const overlay_folders[] = {"lower", "upper", "work", "merged"};

static int make_overlay_folders(const char *work, struct err *e)
{
	if (chdir(work) < 0)
		return err_sys(e, "enter %s", work);
	for (size_t i = 0; i < array_len(overlay_folders); i++)
		if (mkdir(overlay_folders[i], 0755) < 0)
			return err_sys(e, "make folder %s/%s", work, overlay_folders[i]);
	return 0;
}

static void remove_overlay_folders(void)
{
	struct err ignored;

	/* What cannot be removed here the parent reports when it removes the folder itself. */
	for (size_t i = 0; i < array_len(overlay_folders); i++)
		(void)file_remove_tree(AT_FDCWD, overlay_folders[i], &ignored);
}

/* A mount that is refused its first write is no use: some file systems fail only there. */
static int try_overlay(const char *work, struct err *e)
{
	int fd, failed = 0;

	if (mount("overlay", "merged", "overlay", MS_NOSUID | MS_NODEV,
		  "lowerdir=lower,upperdir=upper,workdir=work,userxattr,volatile") < 0)
		return err_sys(e, "mount an overlay in %s", work);
	fd = open("merged/file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		failed = err_sys(e, "make a file on an overlay in %s", work);
	else
		close(fd);
	if (umount2("merged", MNT_DETACH) < 0 && !failed)
		failed = err_sys(e, "unmount an overlay in %s", work);
	return failed;
}

int probe_overlay(const char *work, struct err *e)
{
	int failed = make_overlay_folders(work, e);

	if (!failed)
		failed = try_overlay(work, e);
	remove_overlay_folders();
	return failed;
}

int probe_overlay_append(const char *work, struct err *e)
{
	int failed = make_overlay_folders(work, e), fd = -1;

	if (!failed) {
		fd = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
		if (fd < 0)
			failed = err_sys(e, "fsopen overlay");
	}
	if (!failed && syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, "lowerdir+", "lower", 0) < 0)
		failed = err_sys(e, "fsconfig overlay lowerdir+");
	if (fd >= 0)
		close(fd);
	remove_overlay_folders();
	return failed;
}

int probe_fuse(const char *unused, struct err *e)
{
	auto_fd int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[64];

	(void)unused;
	if (fd < 0)
		return err_sys(e, "open /dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("rlc", "/", "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return err_sys(e, "mount a FUSE file system");
	return 0;
}

int probe_tun(const char *unused, struct err *e)
{
	auto_fd int fd = tap_open("rlc0", e);

	(void)unused;
	return fd < 0 ? -1 : 0;
}
