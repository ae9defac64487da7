/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: limits, replacement, and removal that follows no link. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

static int entries(int at)
{
	auto_dir DIR *d = fdopendir(openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *entry;
	int n = -2; /* itself and its parent */

	while (d && (entry = readdir(d)))
		n++;
	return n;
}

static bool holds(int at, const char *path, const char *wanted)
{
	auto_free char *text = NULL;
	struct err e;

	return file_read(at, path, 1 << 20, &text, NULL, &e) == 0 && strcmp(text, wanted) == 0;
}

static void test_read(int at)
{
	auto_free char *text = NULL, *large = xcalloc(1, 40000);
	struct err e = {0};
	size_t n = 0;

	ok(file_write(at, "nul", "a\0b", 3, 0600, false, &e) == 0 &&
	       file_read(at, "nul", 3, &text, &n, &e) == 0 && n == 3 &&
	       memcmp(text, "a\0b", 4) == 0,
	   "exactly the limit, with a NUL byte, is ended: %s", e.what);
	free(take_ptr(text));
	ok(file_read(at, "nul", 2, &text, &n, &e) == -1 && !text &&
	       strstr(e.what, "nul: larger than 2 bytes"),
	   "one byte more is refused: %s", e.what);
	ok(file_read(at, "gone", 9, &text, &n, &e) == -1 && e.sys == ENOENT &&
	       strstr(e.what, "gone"),
	   "a missing file is named: %s", e.what);
	ok(file_read(at, ".", 9, &text, &n, &e) == -1 && e.sys == EISDIR, "a folder: %s", e.what);
	memset(large, 'x', 40000);
	ok(file_write(at, "large", large, 40000, 0600, true, &e) == 0 &&
	       file_read(at, "large", 1 << 20, &text, &n, &e) == 0 && n == 40000 &&
	       memcmp(text, large, n) == 0 && text[n] == '\0',
	   "more than one read's worth: %s", e.what);
}

static void test_write(int at, const char *base)
{
	struct stat st;
	struct err e = {0};
	int before = entries(at);

	(void)!mkdirat(at, "folder", 0755);
	close(openat(at, "victim", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	(void)!symlinkat("victim", at, "link");
	ok(file_write(at, "link", "new", 3, 0640, false, &e) == 0 && holds(at, "link", "new") &&
	       holds(at, "victim", "") && fstatat(at, "link", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0640,
	   "a link is replaced, not written through: %s", e.what);
	ok(file_write(at, "folder", "x", 1, 0600, false, &e) == -1 && e.sys == EISDIR &&
	       strstr(e.what, "folder"),
	   "a folder is not replaced: %s", e.what);
	ok(entries(at) == before + 3, "and nothing half-written is left");
	ok(file_write(at, "gone/file", "x", 1, 0600, false, &e) == -1 && e.sys == ENOENT,
	   "into a missing folder: %s", e.what);
	ok(file_write(at, "folder/deep", "y", 1, 0600, true, &e) == 0 &&
	       holds(at, "folder/deep", "y"),
	   "synced into a subfolder: %s", e.what);
	auto_free char *trap = xasprintf("planted.%d.tmp", getpid());

	(void)!symlinkat("victim", at, trap);
	ok(file_write(at, "planted", "x", 1, 0600, false, &e) == -1 && e.sys == ELOOP &&
	       holds(at, "victim", ""),
	   "a link in the temporary file's place is not followed: %s", e.what);
	auto_free char *deep = xasprintf("%s/m/a/k/e", base);
	auto_free char *blocked = xasprintf("%s/victim/x/y", base);

	ok(file_make_folders(deep, 0750, &e) == 0 && file_make_folders(deep, 0700, &e) == 0 &&
	       fstatat(at, "m/a/k/e", &st, 0) == 0 && (st.st_mode & 07777) == 0750,
	   "missing folders are made, existing ones stay: %s", e.what);
	ok(file_make_folders(blocked, 0755, &e) == -1 && e.sys == ENOTDIR &&
	       strstr(e.what, "victim"),
	   "a file in the way: %s", e.what);
}

static void make_deep(int at, const char *name, int levels)
{
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < levels; i++) {
		int next;

		(void)!mkdirat(fd, name, 0755);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
		name = "d";
	}
	close(fd);
}

static void test_remove(int at)
{
	struct err e = {0};
	int before;

	(void)!mkdirat(at, "keep", 0755);
	close(openat(at, "keep/precious", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	before = entries(at);
	(void)!mkdirat(at, "tree", 0755);
	(void)!mkdirat(at, "tree/sub", 0755);
	(void)!symlinkat("../keep", at, "tree/link");
	(void)!symlinkat("../../keep/precious", at, "tree/sub/link");
	(void)!symlinkat("..", at, "tree/sub/up");
	close(openat(at, "tree/sub/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0));
	(void)!mkdirat(at, "tree/closed", 0755);
	close(openat(at, "tree/closed/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	(void)!fchmodat(at, "tree/closed", 0, 0);
	ok(file_remove_tree(at, "tree", &e) == 0 && entries(at) == before,
	   "a tree with links, files and a closed folder is gone: %s", e.what);
	ok(holds(at, "keep/precious", ""), "what the links pointed to is still there");
	(void)!symlinkat("keep", at, "alias");
	ok(file_remove_tree(at, "alias", &e) == 0 && entries(at) == before &&
	       holds(at, "keep/precious", ""),
	   "a link itself is removed, not its target: %s", e.what);
	ok(file_remove_tree(at, "keep/precious", &e) == 0 && file_remove_tree(at, "gone", &e) == 0,
	   "a plain file; a missing one is success: %s", e.what);
	make_deep(at, "deep", 100);
	ok(file_remove_tree(at, "deep", &e) == 0, "100 folders deep: %s", e.what);
	make_deep(at, "abyss", 140);
	ok(file_remove_tree(at, "abyss", &e) == -1 && strstr(e.what, "nested deeper than 128"),
	   "140 folders deep ends with an error, not with our stack or descriptors");
}

/* Removes what file_remove_tree() refused, from its top: each second level becomes the first. */
static void flatten(int at, const char *name)
{
	auto_free char *child = xasprintf("%s/d", name);

	while (renameat(at, child, at, "next") == 0) {
		(void)!unlinkat(at, name, AT_REMOVEDIR);
		(void)!renameat(at, "next", at, name);
	}
	(void)!unlinkat(at, name, AT_REMOVEDIR);
}

int main(void)
{
	char base[] = "/tmp/rlc-file-XXXXXX";
	struct err e;
	int at;

	umask(022);
	if (!mkdtemp(base))
		return 1;
	at = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_read(at);
	test_write(at, base);
	test_remove(at);
	flatten(at, "abyss");
	close(at);
	ok(file_remove_tree(AT_FDCWD, base, &e) == 0, "all of it is removed");
	return tap_end();
}
