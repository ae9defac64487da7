/* SPDX-License-Identifier: Apache-2.0 */
/* Where the folders are, and that folders of others are refused. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/state/dirs.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

static mode_t mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void test_overrides(const char *base)
{
	auto_free char *root = xasprintf("%s/a/../a/data", base), *clean = NULL;
	auto_free char *run = xasprintf("%s/run", base);
	struct dirs d;
	struct err e = {0};
	int fd, again;

	umask(077);
	ok(dirs_open(root, run, &d, &e) == 0, "both folders are made, parents too: %s", e.what);
	clean = xasprintf("%s/a/data", base);
	ok(strcmp(d.data, clean) == 0, "the path is cleaned: %s", d.data);
	ok(mode_of(d.data) == (geteuid() == 0 ? 0711 : 0700), "mode of data whatever the umask");
	fd = dirs_open_folder(d.data_fd, "containers", &e);
	again = dirs_open_folder(d.data_fd, "containers", &e);
	ok(fd >= 0 && again >= 0, "a subfolder is made once and opened twice");
	close(fd);
	close(again);
	ok(symlinkat("/etc", d.data_fd, "names") == 0 &&
	       dirs_open_folder(d.data_fd, "names", &e) == -1,
	   "a symlink instead of a subfolder is refused");
	dirs_close(&d);
	ok(d.data == NULL && d.data_fd == -1, "closing leaves nothing");
	umask(022);
}

static void test_refusals(const char *base)
{
	auto_free char *root = xasprintf("%s/open", base), *file = xasprintf("%s/file", base);
	struct dirs d;
	struct err e = {0};

	if (mkdir(root, 0777) < 0 || chmod(root, 0777) < 0)
		perror(root);
	ok(dirs_open(root, base, &d, &e) == -1 && strstr(e.hint, "chmod go-w"),
	   "a folder that others may write is refused with the remedy: %s", e.what);
	close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ok(dirs_open(file, base, &d, &e) == -1 && e.sys == ENOTDIR && e.hint[0],
	   "a file instead of a folder: %s", e.what);
	if (geteuid() != 0) {
		ok(dirs_open(base, "/usr", &d, &e) == -1 && strstr(e.what, "belongs to uid 0"),
		   "a folder of another owner: %s", e.what);
		return;
	}
	ok(chmod(root, 0755) == 0 && chown(root, 1, 1) == 0 &&
	       dirs_open(root, base, &d, &e) == -1 && strstr(e.what, "belongs to uid 1"),
	   "a folder of another owner: %s", e.what);
}

/* Only as an ordinary user does the environment matter. */
static void test_environment(const char *base)
{
	auto_free char *data = xasprintf("%s/share", base), *runtime = xasprintf("%s/rt", base);
	auto_free char *want_data = xasprintf("%s/rlc", data);
	auto_free char *want_run = xasprintf("%s/rlc", runtime);
	auto_free char *fallback = xasprintf("/tmp/rlc-%u", 4000u);
	struct dirs d;
	struct err e = {0};

	if (mkdir(data, 0700) < 0 || mkdir(runtime, 0700) < 0)
		perror(base);
	if (getuid() == 0 && (chmod(base, 0755) < 0 || chown(data, 4000, 4000) < 0 ||
			      chown(runtime, 4000, 4000) < 0 || seteuid(4000) < 0))
		perror(base);
	setenv("XDG_DATA_HOME", data, 1);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	ok(dirs_open(NULL, NULL, &d, &e) == 0 && strcmp(d.data, want_data) == 0 &&
	       strcmp(d.run, want_run) == 0,
	   "XDG folders: %s", e.what);
	dirs_close(&d);
	if (getuid() != 0)
		return;
	setenv("XDG_RUNTIME_DIR", "/run", 1);
	ok(dirs_open(NULL, NULL, &d, &e) == 0 && strcmp(d.run, fallback) == 0 &&
	       mode_of(d.run) == 0700,
	   "the runtime folder of another user falls back to /tmp: %s", e.what);
	dirs_close(&d);
	rmdir(fallback);
	ok(symlink(runtime, fallback) == 0 && dirs_open(NULL, NULL, &d, &e) == -1 && e.hint[0],
	   "a symlink there is refused, even to a folder of ours: %s", e.what);
	unlink(fallback);
	if (seteuid(0) < 0)
		perror("seteuid");
}

int main(void)
{
	char base[] = "/tmp/rlc-dirs-XXXXXX";
	struct err e;

	if (!mkdtemp(base))
		return 1;
	test_overrides(base);
	test_refusals(base);
	test_environment(base);
	file_remove_tree(AT_FDCWD, base, &e);
	return tap_end();
}
