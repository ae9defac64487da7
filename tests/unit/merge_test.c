/* SPDX-License-Identifier: Apache-2.0 */
/* Layers made by hand become one tree, as root of a user namespace, whoever runs the test. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "storage/merge.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static int top, made;

/* Of what the tests stand on. */
static void must(int result)
{
	if (result < 0)
		abort();
}

static int new_folder(void)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", made++);
	if (mkdirat(top, name, 0755) < 0)
		abort();
	return openat(top, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void put(int at, const char *name, const char *text)
{
	auto_fd int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		abort();
}

static bool holds(int at, const char *name, const char *text)
{
	auto_free char *got = NULL;
	struct err e;

	return file_read(at, name, 4096, &got, NULL, &e) == 0 && strcmp(got, text) == 0;
}

static bool missing(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

static void mark(int at, const char *folder, const char *name, const char *value)
{
	auto_fd int fd = openat(at, folder, O_RDONLY | O_CLOEXEC);

	if (fsetxattr(fd, name, value, strlen(value), 0) < 0)
		abort();
}

static void hide(int at, const char *name)
{
	if (mknodat(at, name, S_IFCHR, makedev(0, 0)) < 0)
		abort();
}

static void test_marks(void)
{
	auto_fd int low = new_folder(), middle = new_folder(), high = new_folder();
	auto_fd int to = new_folder();
	const int layers[] = {high, middle, low};
	struct err e = {0};

	put(low, "gone", "x");
	hide(middle, "gone");
	put(low, "back", "low");
	hide(middle, "back");
	put(high, "back", "high");
	must(mkdirat(low, "d", 0755));
	must(mkdirat(middle, "d", 0755));
	must(mkdirat(high, "d", 0711));
	put(low, "d/below", "x");
	put(middle, "d/mine", "middle");
	mark(middle, "d", "user.overlay.opaque", "y");
	must(mkdirat(low, "cut", 0755));
	must(mkdirat(high, "cut", 0755));
	put(low, "cut/below", "x");
	put(middle, "cut", "a file between two folders ends what is seen");
	must(mkdirat(low, "over", 0755));
	put(low, "over/x", "x");
	put(high, "over", "file");
	ok(merge_layers(layers, array_len(layers), to, &e) == 0, "merged: %s", e.what);
	ok(missing(to, "gone"), "a whiteout hides, and is not copied");
	ok(holds(to, "back", "high"), "what is above a whiteout is there");
	ok(missing(to, "d/below") && holds(to, "d/mine", "middle"), "an opaque folder begins anew");
	ok(!missing(to, "cut") && missing(to, "cut/below"), "so does one above a file");
	ok(holds(to, "over", "file"), "a file takes a folder's place");
	ok(fgetxattr(to, "user.overlay.opaque", &e, 1) < 0, "no mark is copied");
}

static void test_attributes(void)
{
	const struct timespec times[] = {{1, 2}, {1234567890, 987654321}};
	auto_fd int layer = new_folder(), to = new_folder(), fd = -1;
	struct stat st, other;
	char value[16] = "";
	struct err e = {0};

	put(layer, "f", "text");
	mark(layer, "f", "user.note", "hello");
	mark(layer, "f", "user.fuseoverlayfs.origin", "x");
	must(fchmodat(layer, "f", 06751, 0));
	must(utimensat(layer, "f", times, 0));
	must(linkat(layer, "f", layer, "g", 0));
	must(mkdirat(layer, "sub", 01775));
	must(linkat(layer, "f", layer, "sub/h", 0));
	must(mkfifoat(layer, "sub/pipe", 0620));
	must(symlinkat("nowhere", layer, "link"));
	must(utimensat(layer, "link", times, AT_SYMLINK_NOFOLLOW));
	must(fchmodat(layer, "sub", 01775, 0));
	must(utimensat(layer, "sub", times, 0));
	ok(merge_layers(&layer, 1, to, &e) == 0, "merged: %s", e.what);
	ok(fstatat(to, "f", &st, 0) == 0 && (st.st_mode & 07777) == 06751, "setuid and mode");
	ok(st.st_mtim.tv_sec == 1234567890 && st.st_mtim.tv_nsec == 987654321, "the time");
	ok(st.st_nlink == 3 && fstatat(to, "g", &other, 0) == 0 && other.st_ino == st.st_ino &&
	       fstatat(to, "sub/h", &other, 0) == 0 && other.st_ino == st.st_ino,
	   "names of one file stay so");
	fd = openat(to, "f", O_RDONLY | O_CLOEXEC);
	ok(fgetxattr(fd, "user.note", value, sizeof(value)) == 5 && strcmp(value, "hello") == 0,
	   "an extended attribute");
	ok(fgetxattr(fd, "user.fuseoverlayfs.origin", value, sizeof(value)) < 0,
	   "no mark of fuse-overlayfs'");
	ok(fstatat(to, "sub", &st, 0) == 0 && (st.st_mode & 07777) == 01775 &&
	       st.st_mtim.tv_sec == 1234567890,
	   "a folder's, though it was filled meanwhile");
	ok(fstatat(to, "sub/pipe", &st, 0) == 0 && S_ISFIFO(st.st_mode) &&
	       (st.st_mode & 07777) == 0620,
	   "a fifo");
	ok(fstatat(to, "link", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) &&
	       st.st_mtim.tv_sec == 1234567890,
	   "a link, not followed");
}

static void test_holes(void)
{
	enum { END = 64 << 20 };
	auto_fd int layer = new_folder(), to = new_folder(), fd = -1;
	struct err e = {0};
	struct stat st;
	char got[5] = "";

	fd = openat(layer, "holes", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (pwrite(fd, "mid", 3, END / 2) != 3 || ftruncate(fd, END) < 0)
		abort();
	close(take_fd(&fd));
	ok(merge_layers(&layer, 1, to, &e) == 0, "merged: %s", e.what);
	fd = openat(to, "holes", O_RDONLY | O_CLOEXEC);
	ok(fstat(fd, &st) == 0 && st.st_size == END && st.st_blocks < 1000, "holes stay holes");
	ok(pread(fd, got, 4, END / 2) == 4 && strcmp(got, "mid") == 0, "what is between, too");
}

/* Deeper than the descriptors a program usually has, and than C would bear without a limit. */
static void test_depth(void)
{
	auto_fd int layer = new_folder(), to = new_folder();
	const struct rlimit usual = {256, 1 << 14};
	struct err e = {0};
	int at = dup(layer), made_deep = 0;

	setrlimit(RLIMIT_NOFILE, &usual);
	for (int i = 0; i < 400; i++) {
		int next;

		made_deep += mkdirat(at, "d", 0755) == 0;
		next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = next;
	}
	close(at);
	ok(made_deep == 400 && merge_layers(&layer, 1, to, &e) == 0, "400 folders deep: %s",
	   e.what);
}

int main(void)
{
	char folder[] = "/tmp/rlc-merge.XXXXXX";
	struct err ignored;

	if (!namespace_enter(0) || !mkdtemp(folder)) {
		printf("1..0 # SKIP no user namespace\n");
		return 0;
	}
	umask(0);
	top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_marks();
	test_attributes();
	test_holes();
	test_depth();
	(void)file_remove_tree(AT_FDCWD, folder, &ignored);
	return tap_end();
}
