/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way for hosts whose root is an initramfs, in real namespaces: a process with CAP_SYS_CHROOT
 * tries to walk out by a second chroot. Without the move it does (that is the control).
 */
#include "lib/base/err.h"
#include "lib/kernel/idmap.h"
#include "lib/kernel/mount.h"
#include "lib/kernel/pivot.h"
#include "lib/kernel/userns.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HELD = 10, WALKED_OUT = 11, BROKEN = 12 };

/* PID 1 of such a container: shares set-up's fs struct, waits, then tries. */
static int escape(int go, const char *marker)
{
	char byte;

	if (read(go, &byte, 1) != 1 || unshare(CLONE_FS) < 0)
		return BROKEN;
	if (access(marker, F_OK) == 0)
		return BROKEN;
	if (mkdir("/x", 0755) < 0 || chroot("/x") < 0)
		return BROKEN;
	for (int i = 0; i < 32; i++)
		if (chdir("..") < 0)
			return BROKEN;
	if (chroot(".") < 0)
		return BROKEN;
	return access(marker, F_OK) == 0 ? WALKED_OUT : HELD;
}

static int set_up(int go_fd, bool move, const char *folder, const char *marker)
{
	struct err e;
	int root, go[2], status;
	pid_t pid;

	if (userns_enter(go_fd, &e) < 0 || mount_isolate(false, &e) < 0)
		return BROKEN;
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || mount_new("tmpfs", root, folder, 0, NULL, &e) < 0)
		return BROKEN;
	close(root);
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (pipe2(go, O_CLOEXEC) < 0)
		return BROKEN;
	pid = (pid_t)syscall(SYS_clone, CLONE_FS | CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(escape(go[0], marker));
	if (move) {
		if (pivot_by_move(root, &e) < 0)
			return BROKEN;
	} else if (fchdir(root) < 0 || chroot(".") < 0) {
		return BROKEN;
	}
	if (write(go[1], "g", 1) != 1 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return BROKEN;
	return WEXITSTATUS(status);
}

static int outcome(bool move)
{
	char folder[] = "/tmp/pivot_test.XXXXXX", marker[64];
	struct id_map map;
	struct err e;
	int go[2], pidfd, status;
	pid_t pid;

	if (!mkdtemp(folder) || chmod(folder, 0755) < 0 || pipe(go) < 0 ||
	    idmap_for_caller(&map, &e) < 0)
		return BROKEN;
	snprintf(marker, sizeof(marker), "%s.host", folder);
	close(open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	pid = userns_clone(CLONE_NEWNS, -1, &pidfd, &e);
	if (pid == 0)
		_exit(set_up(go[0], move, folder, marker));
	if (pid < 0 || idmap_write(&map, pid, &e) < 0 || write(go[1], "m", 1) != 1 ||
	    waitpid(pid, &status, 0) < 0)
		status = BROKEN << 8;
	rmdir(folder);
	unlink(marker);
	return WEXITSTATUS(status);
}

int main(void)
{
	ok(outcome(false) == WALKED_OUT, "control: chroot alone is left by a second chroot");
	ok(outcome(true) == HELD, "after the move there is nothing to walk out to");
	ok(!pivot_root_is_initramfs(), "this machine's root is not an initramfs");
	return tap_end();
}
