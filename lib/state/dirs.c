/* SPDX-License-Identifier: Apache-2.0 */
/* Finds and makes the two folders rlc lives in; runs in the host process, as the user. */
#include "lib/state/dirs.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/path.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>

/* Container root is a subordinate id when real root runs rlc: it must get through, not look in. */
static mode_t folder_mode(void)
{
	return geteuid() == 0 ? 0711 : 0700;
}

/* An environment variable that names an absolute path; the XDG specification ignores others. */
static const char *env_path(const char *name)
{
	const char *v = getenv(name);

	return v && v[0] == '/' ? v : NULL;
}

static int absolute(const char *path, char **ret, struct err *e)
{
	auto_free char *cwd = NULL, *joined = NULL;

	if (path[0] != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return err_sys(e, "find the current folder for %s", path);
		joined = xasprintf("%s/%s", cwd, path);
	}
	*ret = path_clean(joined ? joined : path);
	return 0;
}

static int data_path(const char *root, char **ret, struct err *e)
{
	const char *home;
	struct passwd *user;

	if (root)
		return absolute(root, ret, e);
	if (geteuid() == 0) {
		*ret = xstrdup("/var/lib/rlc");
		return 0;
	}
	home = env_path("XDG_DATA_HOME");
	if (home) {
		*ret = xasprintf("%s/rlc", home);
		return 0;
	}
	home = env_path("HOME");
	if (!home) {
		user = getpwuid(geteuid());
		home = user && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
	}
	if (!home) {
		err_msg(e, "no home folder for uid %u to keep images and containers in", geteuid());
		return err_hint(e, "set HOME, or name a folder: rlc --root DIR");
	}
	*ret = xasprintf("%s/.local/share/rlc", home);
	return 0;
}

/* After su or sudo the variable often still names the folder of another user. */
static bool is_private_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & 0777) == 0700;
}

static int run_path(const char *runroot, char **ret, bool *ret_shared, struct err *e)
{
	const char *runtime = env_path("XDG_RUNTIME_DIR");

	*ret_shared = false;
	if (runroot)
		return absolute(runroot, ret, e);
	if (geteuid() == 0) {
		*ret = xstrdup("/run/rlc");
	} else if (runtime && is_private_folder(runtime)) {
		*ret = xasprintf("%s/rlc", runtime);
	} else {
		*ret = xasprintf("/tmp/rlc-%u", geteuid());
		*ret_shared = true;
	}
	return 0;
}

/* By descriptor, after the owner was checked: a path could by now lead elsewhere. */
static int let_container_root_through(int fd, const char *path, struct err *e)
{
	auto_fd int readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (readable < 0 || fchmod(readable, folder_mode()) < 0)
		return err_sys(e, "chmod %s", path);
	return 0;
}

/*
 * Opens a folder of ours, made where it is missing. nofollow: its parent is open to everybody, who
 * may have put a symlink or a folder of their own there.
 */
static int open_own(const char *path, bool nofollow, const char *option, struct err *e)
{
	int flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (nofollow ? O_NOFOLLOW : 0);
	auto_fd int fd = open(path, flags);
	bool made = false;
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		if (file_make_folders(path, folder_mode(), e) < 0)
			return err_hint(e, "name a folder you may write: rlc %s DIR", option);
		made = true;
		fd = open(path, flags);
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_sys(e, "open folder %s", path);
		return err_hint(e, "name another folder: rlc %s DIR", option);
	}
	if (st.st_uid != geteuid()) {
		err_msg(e, "folder %s belongs to uid %u, not to you (uid %u)", path, st.st_uid,
			geteuid());
		return err_hint(e, "have it removed, or name another one: rlc %s DIR", option);
	}
	if (st.st_mode & 022) {
		err_msg(e, "folder %s may be written by others (mode %04o)", path,
			st.st_mode & 07777);
		return err_hint(e, "run: chmod go-w %s", path);
	}
	/* The umask may have taken the bit. */
	if (made && geteuid() == 0 && let_container_root_through(fd, path, e) < 0)
		return -1;
	return take_fd(&fd);
}

int dirs_open(const char *root, const char *runroot, struct dirs *ret, struct err *e)
{
	struct dirs d = {.data_fd = -1, .run_fd = -1};
	bool shared;

	if (data_path(root, &d.data, e) < 0 || run_path(runroot, &d.run, &shared, e) < 0)
		goto fail;
	d.data_fd = open_own(d.data, false, "--root", e);
	if (d.data_fd < 0)
		goto fail;
	d.run_fd = open_own(d.run, shared, "--runroot", e);
	if (d.run_fd < 0)
		goto fail;
	*ret = d;
	return 0;
fail:
	dirs_close(&d);
	return -1;
}

int dirs_open_folder(int at, const char *name, struct err *e)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	auto_fd int fd = openat(at, name, flags);

	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(at, name, folder_mode()) < 0 && errno != EEXIST)
			return err_sys(e, "make folder %s", name);
		if (geteuid() == 0 && fchmodat(at, name, folder_mode(), 0) < 0)
			return err_sys(e, "chmod folder %s", name);
		fd = openat(at, name, flags);
	}
	if (fd < 0)
		return err_sys(e, "open folder %s", name);
	return take_fd(&fd);
}

void dirs_close(struct dirs *d)
{
	free(d->data);
	free(d->run);
	if (d->data_fd >= 0)
		close(d->data_fd);
	if (d->run_fd >= 0)
		close(d->run_fd);
	*d = (struct dirs){.data_fd = -1, .run_fd = -1};
}
