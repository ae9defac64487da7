/* SPDX-License-Identifier: Apache-2.0 */
/* Paths in a tree that someone else filled: nothing outside of it is opened or made. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

static const struct {
	const char *path, *clean;
} cleans[] = {
    {"/a/./b//../c", "/a/c"},
    {"/", "/"},
    {"", "/"},
    {"a/b/", "/a/b"},
    {"/../..", "/"},
    {"/a/../../b", "/b"},
    {"/a/b/../..", "/"},
    {"//a///b", "/a/b"},
    {"/...", "/..."},
    {"/.a/..b", "/.a/..b"},
    {"/a/b/c/../../d/e", "/a/d/e"},
};

static void test_clean(void)
{
	for (size_t i = 0; i < array_len(cleans); i++) {
		auto_free char *got = path_clean(cleans[i].path);

		ok(strcmp(got, cleans[i].clean) == 0, "\"%s\" is %s: %s", cleans[i].path,
		   cleans[i].clean, got);
	}
}

static void test_beneath(void)
{
	ok(path_is_beneath("/a/b", "/a") && path_is_beneath("/a", "/a") &&
	       path_is_beneath("/a", "/") && path_is_beneath("/", "/"),
	   "beneath");
	ok(!path_is_beneath("/ab", "/a") && !path_is_beneath("/", "/a") &&
	       !path_is_beneath("/a", "/a/b"),
	   "not beneath");
}

/* A scene: BASE/root is the tree, BASE/outside what nothing may touch. */
struct scene {
	int base, root, outside;
};

static bool scene_open(struct scene *s, const char *base)
{
	s->base = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(s->base, "root", 0755) < 0 || mkdirat(s->base, "outside", 0755) < 0)
		return false;
	s->root = openat(s->base, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->outside = openat(s->base, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(openat(s->outside, "secret", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	return s->root >= 0 && s->outside >= 0;
}

static bool same(int fd, int at, const char *name)
{
	struct stat a, b;

	return fd >= 0 && fstat(fd, &a) == 0 && fstatat(at, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool outside_untouched(const struct scene *s)
{
	auto_dir DIR *d = fdopendir(openat(s->outside, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *entry;
	int n = 0;

	while (d && (entry = readdir(d)))
		n++;
	return n == 3; /* itself, its parent, the secret */
}

static void test_open(const struct scene *s)
{
	static const char *const escapes[] = {"../outside/secret", "up/secret", "away/secret",
					      "d/../../outside/secret"};
	auto_fd int proc = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;

	(void)!mkdirat(s->root, "d", 0755);
	(void)!symlinkat("../outside", s->root, "up");
	for (size_t i = 0; i < array_len(escapes); i++) {
		fd = path_open_in(s->root, escapes[i], O_RDONLY, 0);
		ok(fd < 0 && errno == ENOENT, "%s leads nowhere", escapes[i]);
	}
	fd = path_open_in(s->root, "/../../d/.", O_PATH, 0);
	ok(same(fd, s->root, "d") && (fcntl(fd, F_GETFD) & FD_CLOEXEC),
	   "the root's parent is the root, and the descriptor is close-on-exec");
	close(fd);
	fd = path_open_in(s->root, "", O_PATH, 0);
	ok(same(fd, s->root, "."), "the empty path is the root");
	close(fd);
	fd = path_open_in(s->root, "d/new", O_WRONLY | O_CREAT | O_EXCL, 0640);
	ok(same(fd, s->root, "d/new"), "a file is made");
	close(fd);
	fd = path_open_in(proc, "proc/self/root", O_PATH, 0);
	ok(fd < 0 && errno == ELOOP, "a magic link is refused");
}

static void test_make(const struct scene *s)
{
	static const struct {
		const char *path, *is; /* is: where it must be in the tree; NULL: refused */
		bool folder;
	} cases[] = {
	    {"/new/deep/folder", "new/deep/folder", true},
	    {"/new/deep/file", "new/deep/file", false},
	    {"new/../other", "other", true},
	    {"missing/../../../up2", "up2", true},
	    {"absolute/made", "landing/made", true},
	    {"absolute/file", "landing/file", false},
	    {"climbing/made2", "landing/made2", true},
	    {"chain/made3", "landing/made3", true},
	    {"/", ".", true},
	    {"dangling", "outside/made", false},
	    {"dangling", "outside/made", true},
	    {"dangling/x", NULL, true}, /* that is a file now */
	    {"hanging/x/../y", "far/away/y", true},
	    {"loop", NULL, false},
	    {"loop/x", NULL, true},
	    {"plain/x", NULL, true},
	    {"plain", "plain", true}, /* kept, whatever it is */
	    {"landing", "landing", false},
	};

	(void)!mkdirat(s->root, "landing", 0755);
	(void)!symlinkat("/landing", s->root, "absolute");
	(void)!symlinkat("../../../landing", s->root, "climbing");
	(void)!symlinkat("absolute", s->root, "chain");
	(void)!symlinkat("/nowhere/../../outside/made", s->root, "dangling");
	(void)!symlinkat("../../../far/./away", s->root, "hanging");
	(void)!symlinkat("loop2", s->root, "loop");
	(void)!symlinkat("x/../loop", s->root, "loop2");
	close(openat(s->root, "plain", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_fd int fd = path_make_in(s->root, cases[i].path, cases[i].folder);
		struct stat st;

		if (!cases[i].is) {
			ok(fd < 0, "%s is refused", cases[i].path);
			continue;
		}
		ok(same(fd, s->root, cases[i].is), "%s is made as %s", cases[i].path, cases[i].is);
		if (cases[i].path[0] == '/' || strchr(cases[i].path, '/'))
			ok(fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) == cases[i].folder,
			   "of the kind that was asked for");
	}
}

int main(void)
{
	char base[] = "/tmp/rlc-path-XXXXXX";
	struct scene s;
	struct err e;

	test_clean();
	test_beneath();
	if (!mkdtemp(base) || !scene_open(&s, base))
		return 1;
	(void)!symlinkat(base, s.root, "away");
	test_open(&s);
	test_make(&s);
	ok(outside_untouched(&s), "nothing was made outside of the tree");
	close(s.root);
	close(s.outside);
	close(s.base);
	file_remove_tree(AT_FDCWD, base, &e);
	return tap_end();
}
