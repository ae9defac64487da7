/* SPDX-License-Identifier: Apache-2.0 */
/* Layers made by hand are unpacked as root of a user namespace, whoever runs the test. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "storage/remove.h"
#include "storage/stream.h"
#include "storage/tar.h"
#include "storage/unpack.h"
#include "tests/unit/namespace.h"
#include "tests/unit/tap.h"
#include "tests/unit/tar_build.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { IDS = 1000 };

/* One layer over some others. */
struct scene {
	struct str tar;
	int root, lower[2];
	size_t n_lower;
	struct unpack_limits limits;
	struct unpack_ids ids;
	struct unpack_report report;
	struct err e;
};

static int made;
static int top;

static int new_folder(void)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", made++);
	if (mkdirat(top, name, 0755) < 0)
		abort();
	return openat(top, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static struct scene scene(void)
{
	return (struct scene){
	    .root = new_folder(),
	    .limits = unpack_limits_default,
	    .ids = {.uids = IDS, .gids = IDS, .single = true, .next_free = 5000, .user = "me"},
	};
}

static int unpack(struct scene *s)
{
	struct unpack u = {
	    .root = s->root,
	    .lower = {.layers = s->lower, .n = s->n_lower},
	    .limits = s->limits,
	    .ids = s->ids,
	};
	struct stream *in;
	struct tar *t;
	int rc;

	tar_end(&s->tar);
	in = stream_memory(s->tar.s, s->tar.len);
	t = tar_new(in);
	unpack_report_free(&s->report);
	rc = unpack_layer(&u, t, &s->report, &s->e);
	tar_free(t);
	stream_free(in);
	str_free(&s->tar);
	return rc;
}

static void leave(struct scene *s)
{
	unpack_report_free(&s->report);
	close(s->root);
}

/* What was unpacked becomes the layer below a new one. */
static void put_below(struct scene *s)
{
	if (unpack(s) < 0)
		printf("# below: %s\n", s->e.what);
	unpack_report_free(&s->report);
	s->lower[s->n_lower++] = s->root;
	s->root = new_folder();
}

static void add(struct scene *s, struct tar_member m)
{
	tar_add(&s->tar, m);
}

static struct stat look(int root, const char *path)
{
	struct stat st = {0};

	(void)fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW);
	return st;
}

static bool exists(int root, const char *path)
{
	return look(root, path).st_nlink != 0;
}

static bool is_whiteout(int root, const char *path)
{
	struct stat st = look(root, path);

	return S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
}

static bool is_opaque(int root, const char *path)
{
	auto_fd int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char v = 0;

	return fd >= 0 && fgetxattr(fd, "user.overlay.opaque", &v, 1) == 1 && v == 'y';
}

static bool holds(int root, const char *path, const char *text)
{
	auto_free char *got = NULL;
	struct err e;

	return file_read(root, path, 4096, &got, NULL, &e) == 0 && strcmp(got, text) == 0;
}

static void test_kinds(void)
{
	struct scene s = scene();
	struct stat st;
	char link[8] = "";

	add(&s, (struct tar_member){.type = '5', .path = "d", .mode = 01700, .mtime = 1000});
	add(&s, (struct tar_member){
		    .type = '0', .path = "d/f", .data = "x", .mode = 04711, .mtime = 2000});
	add(&s, (struct tar_member){.type = '1', .path = "h", .link = "./d/f"});
	add(&s, (struct tar_member){.type = '2', .path = "l", .link = "d/f"});
	add(&s, (struct tar_member){.type = '6', .path = "p"});
	add(&s, (struct tar_member){.type = '3', .path = "dev/null"});
	add(&s, (struct tar_member){.type = '1', .path = "dev/again", .link = "dev/null"});
	ok(unpack(&s) == 0, "a layer with every kind");
	st = look(s.root, "d");
	ok((st.st_mode & 07777) == 01700 && st.st_mtime == 1000,
	   "a folder's mode, and its time although files came later");
	st = look(s.root, "d/f");
	ok((st.st_mode & 07777) == 04711 && st.st_mtime == 2000 && st.st_nlink == 2,
	   "a file's mode with setuid, time, and hard link");
	ok(readlinkat(s.root, "l", link, sizeof(link)) == 3, "a symlink");
	ok(S_ISFIFO(look(s.root, "p").st_mode), "a fifo");
	ok(!exists(s.root, "dev/null") && !exists(s.root, "dev/again") && s.report.devices == 2,
	   "devices and links to them are left out and counted");
	leave(&s);
}

static void test_hostile_paths(void)
{
	static const struct {
		const char *why;
		struct tar_member m[2];
	} rows[] = {
	    {"..", {{.type = '0', .path = "../evil", .data = "x"}}},
	    {".. within", {{.type = '0', .path = "a/../../evil", .data = "x"}}},
	    {"through a symlink",
	     {{.type = '2', .path = "l", .link = "/tmp"},
	      {.type = '0', .path = "l/evil", .data = "x"}}},
	    {"through a symlink to ..",
	     {{.type = '2', .path = "l", .link = ".."},
	      {.type = '0', .path = "l/evil", .data = "x"}}},
	    {"through a symlink within the layer",
	     {{.type = '2', .path = "l", .link = "."}, {.type = '0', .path = "l/f", .data = "x"}}},
	    {"folder through a symlink",
	     {{.type = '2', .path = "l", .link = ".."}, {.type = '5', .path = "l/evil"}}},
	    {"hard link out by ..", {{.type = '1', .path = "h", .link = "../secret"}}},
	    {"hard link out by a symlink",
	     {{.type = '2', .path = "l", .link = ".."},
	      {.type = '1', .path = "h", .link = "l/secret"}}},
	    {"hard link to a folder",
	     {{.type = '5', .path = "d"}, {.type = '1', .path = "h", .link = "d"}}},
	    {"hard link to nothing", {{.type = '1', .path = "h", .link = "nothing"}}},
	    {"file beneath a file",
	     {{.type = '0', .path = "f"}, {.type = '0', .path = "f/x", .data = "x"}}},
	    {"root that is a file", {{.type = '0', .path = ".", .data = "x"}}},
	    {"root that is a link", {{.type = '2', .path = ".", .link = "/"}}},
	    {"whiteout of no name", {{.type = '0', .path = "d/.wh."}}},
	    {"whiteout of .", {{.type = '0', .path = ".wh.."}}},
	    {"whiteout of ..", {{.type = '0', .path = "d/.wh..."}}},
	    {"folder named like a whiteout", {{.type = '0', .path = ".wh.x/f", .data = "x"}}},
	};

	(void)close(openat(top, "secret", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	for (size_t i = 0; i < array_len(rows); i++) {
		struct scene s = scene();

		for (size_t k = 0; k < 2 && rows[i].m[k].path; k++)
			add(&s, rows[i].m[k]);
		ok(unpack(&s) < 0 && s.e.what[0] && !exists(top, "evil") &&
		       !exists(top, "../evil") && access("/tmp/evil", F_OK) < 0 &&
		       look(top, "secret").st_nlink == 1,
		   "refused: %s (%.60s)", rows[i].why, s.e.what);
		leave(&s);
	}
}

static void test_absolute_is_beneath(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '0', .path = "/etc/rlc-test", .data = "x"});
	ok(unpack(&s) == 0 && holds(s.root, "etc/rlc-test", "x") &&
	       access("/etc/rlc-test", F_OK) < 0,
	   "an absolute path lies beneath the layer");
	leave(&s);
}

static void test_replaced(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '0', .path = "a", .data = "1"});
	add(&s, (struct tar_member){.type = '0', .path = "a", .data = "2"});
	add(&s, (struct tar_member){.type = '0', .path = "b/c/d", .data = "1"});
	add(&s, (struct tar_member){.type = '2', .path = "b", .link = "a"});
	add(&s, (struct tar_member){.type = '2', .path = "e", .link = ".."});
	add(&s, (struct tar_member){.type = '5', .path = "e"});
	add(&s, (struct tar_member){.type = '0', .path = "e/in", .data = "i"});
	add(&s, (struct tar_member){.type = '5', .path = "f", .mode = 0700});
	add(&s, (struct tar_member){.type = '0', .path = "f/in", .data = "i"});
	add(&s, (struct tar_member){.type = '5', .path = "f", .mode = 0750});
	add(&s, (struct tar_member){.type = '0', .path = "g", .data = "g"});
	add(&s, (struct tar_member){.type = '1', .path = "g", .link = "g"});
	ok(unpack(&s) == 0, "a layer that names things twice");
	ok(holds(s.root, "a", "2"), "the later file counts");
	ok(S_ISLNK(look(s.root, "b").st_mode), "a symlink replaces a full folder");
	ok(holds(s.root, "e/in", "i") && !exists(top, "in"), "a folder replaces a symlink to ..");
	ok(holds(s.root, "f/in", "i") && (look(s.root, "f").st_mode & 0777) == 0750,
	   "a folder named again keeps what is in it");
	ok(holds(s.root, "g", "g"), "a hard link to itself changes nothing");
	leave(&s);
}

static void test_whiteouts(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '0', .path = "d/f", .data = "x"});
	put_below(&s);
	add(&s, (struct tar_member){.type = '5', .path = "d"});
	add(&s, (struct tar_member){.type = '0', .path = "d/.wh.f"});
	add(&s, (struct tar_member){.type = '0', .path = "o/sibling", .data = "s"});
	add(&s, (struct tar_member){.type = '0', .path = "o/.wh.gone"});
	add(&s, (struct tar_member){.type = '0', .path = "o/sub/.wh.gone"});
	add(&s, (struct tar_member){.type = '0', .path = "o/.wh..wh..opq"});
	add(&s, (struct tar_member){.type = '0', .path = ".wh.both"});
	add(&s, (struct tar_member){.type = '5', .path = "both"});
	add(&s, (struct tar_member){.type = '5', .path = "first"});
	add(&s, (struct tar_member){.type = '0', .path = ".wh.first"});
	add(&s, (struct tar_member){.type = '0', .path = ".wh.file"});
	add(&s, (struct tar_member){.type = '0', .path = "file", .data = "new"});
	add(&s, (struct tar_member){.type = '0', .path = ".wh.whole"});
	add(&s, (struct tar_member){.type = '0', .path = "whole/.wh.part"});
	add(&s, (struct tar_member){.type = '0', .path = ".wh..wh.plnk"});
	ok(unpack(&s) == 0, "a layer that deletes: %s", s.e.what);
	ok(is_whiteout(s.root, "d/f") && !exists(s.root, "d/.wh.f"), "a whiteout");
	ok(is_opaque(s.root, "o") && holds(s.root, "o/sibling", "s") &&
	       !exists(s.root, "o/.wh..wh..opq"),
	   "an opaque mark after its siblings");
	ok(!exists(s.root, "o/gone") && !exists(s.root, "o/sub/gone"),
	   "whiteouts in an opaque folder are dropped");
	ok(is_opaque(s.root, "both") && is_opaque(s.root, "first"),
	   "a folder and its whiteout: the folder hides what is below, in either order");
	ok(holds(s.root, "file", "new"), "a file and its whiteout: the file");
	ok(is_whiteout(s.root, "whole"), "a whiteout within a deleted folder adds nothing");
	ok(!exists(s.root, ".wh..wh.plnk"), "AUFS' own files are passed over");
	leave(&s);
}

static void test_whiteouts_in_base_layer(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '0', .path = ".wh.x"});
	ok(unpack(&s) == 0 && !exists(s.root, "x") && s.report.depends,
	   "nothing is below: no whiteout is made, and the layer is good as a base only");
	leave(&s);
}

static void test_owners(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '0', .path = "f", .uid = 33, .gid = 44});
	add(&s, (struct tar_member){.type = '0', .path = "mine"});
	ok(unpack(&s) == 0 && s.report.squashed == 1 && look(s.root, "f").st_uid == 0,
	   "with a single id owners become root and are counted");
	leave(&s);
	s = scene();
	s.ids.single = false;
	add(&s, (struct tar_member){.type = '0', .path = "deep/f", .uid = IDS + 5});
	ok(unpack(&s) < 0 && strstr(s.e.what, "deep/f") && strstr(s.e.what, "1005") &&
	       strstr(s.e.hint, "--add-subuids 5000-70535"),
	   "an id beyond the map: path, id and remedy (%s)", s.e.hint);
	leave(&s);
	s = scene();
	s.ids.single = false;
	add(&s, (struct tar_member){.type = '0', .path = "f", .gid = IDS});
	ok(unpack(&s) < 0 && strstr(s.e.what, "gid 1000"), "the same of groups");
	leave(&s);
}

static void pax(struct scene *s, const char *key, const char *value)
{
	tar_add_pax(&s->tar, key, value);
}

static void test_xattrs(void)
{
	struct scene s = scene();
	char v[16] = "";

	pax(&s, "SCHILY.xattr.user.foo", "bar");
	add(&s, (struct tar_member){.type = '0', .path = "f"});
	pax(&s, "SCHILY.xattr.user.overlay.opaque", "y");
	add(&s, (struct tar_member){.type = '5', .path = "d"});
	pax(&s, "SCHILY.xattr.trusted.overlay.opaque", "y");
	add(&s, (struct tar_member){.type = '5', .path = "t"});
	pax(&s, "SCHILY.xattr.user.overlay.redirect", "/etc");
	add(&s, (struct tar_member){.type = '5', .path = "r"});
	pax(&s, "SCHILY.xattr.security.selinux", "x");
	add(&s, (struct tar_member){.type = '0', .path = "s"});
	ok(unpack(&s) == 0, "a layer with extended attributes");
	{
		auto_fd int fd = openat(s.root, "f", O_RDONLY | O_CLOEXEC);
		auto_fd int r = openat(s.root, "r", O_RDONLY | O_CLOEXEC);

		ok(fgetxattr(fd, "user.foo", v, sizeof(v)) == 3 && memcmp(v, "bar", 3) == 0,
		   "user.* is kept");
		ok(fgetxattr(r, "user.overlay.redirect", v, sizeof(v)) < 0,
		   "a smuggled redirect is dropped");
	}
	ok(!is_opaque(s.root, "d"), "a smuggled opaque mark is dropped");
	ok(s.report.xattrs == 4, "what is dropped is counted");
	leave(&s);
}

static void test_omitted_parent(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '5', .path = "secret", .mode = 0700, .mtime = 5000});
	add(&s, (struct tar_member){.type = '5', .path = "tmp", .mode = 01777});
	add(&s, (struct tar_member){.type = '5', .path = "plain"});
	put_below(&s);
	add(&s, (struct tar_member){.type = '0', .path = "secret/f", .data = "x"});
	ok(unpack(&s) == 0 && (look(s.root, "secret").st_mode & 07777) == 0700 &&
	       look(s.root, "secret").st_mtime == 5000 && s.report.depends,
	   "a folder the tar leaves out keeps mode and time of the layer below");
	leave(&s);
	s.root = new_folder();
	add(&s, (struct tar_member){.type = '0', .path = "plain/f", .data = "x"});
	ok(unpack(&s) == 0 && !s.report.depends && s.report.inherits.n == 2,
	   "what is as usual below makes no layer of its own kind");
	leave(&s);
	s.root = new_folder();
	add(&s, (struct tar_member){.type = '0', .path = ".wh.secret"});
	add(&s, (struct tar_member){.type = '0', .path = "secret/f", .data = "x"});
	ok(unpack(&s) == 0 && (look(s.root, "secret").st_mode & 07777) == 0755 &&
	       is_opaque(s.root, "secret"),
	   "a deleted folder gives nothing to the new one");
	leave(&s);
	s.root = new_folder();
	add(&s, (struct tar_member){.type = '0', .path = "tmp/f", .data = "x"});
	add(&s, (struct tar_member){.type = '5', .path = "tmp", .mode = 0755});
	ok(unpack(&s) == 0 && (look(s.root, "tmp").st_mode & 07777) == 0755 && !s.report.depends,
	   "an entry after its content still counts");
	leave(&s);
}

static void test_link_to_lower(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '0', .path = "d/f", .data = "below", .mode = 0640});
	add(&s, (struct tar_member){.type = '0', .path = "gone", .data = "x"});
	put_below(&s);
	add(&s, (struct tar_member){.type = '0', .path = ".wh.gone"});
	put_below(&s);
	add(&s, (struct tar_member){.type = '1', .path = "h", .link = "d/f"});
	ok(unpack(&s) == 0 && holds(s.root, "h", "below") &&
	       (look(s.root, "h").st_mode & 0777) == 0640 && s.report.depends,
	   "a hard link to a file of a layer below is a copy of it");
	leave(&s);
	s.root = new_folder();
	add(&s, (struct tar_member){.type = '1', .path = "h", .link = "gone"});
	ok(unpack(&s) < 0, "one to a file that a layer between deletes is refused");
	leave(&s);
	s.root = new_folder();
	add(&s, (struct tar_member){.type = '0', .path = "d/.wh..wh..opq"});
	add(&s, (struct tar_member){.type = '1', .path = "h", .link = "d/f"});
	ok(unpack(&s) < 0, "one to a file that this layer hides too");
	leave(&s);
	s.n_lower = 0;
	s.root = new_folder();
	add(&s, (struct tar_member){.type = '0', .path = "d/f", .data = "below"});
	put_below(&s);
	add(&s, (struct tar_member){.type = '0', .path = "d/g"});
	add(&s, (struct tar_member){.type = '0', .path = "d/.wh..wh..opq"});
	put_below(&s);
	add(&s, (struct tar_member){.type = '1', .path = "h", .link = "d/f"});
	ok(unpack(&s) < 0, "and one to a file in a folder that a layer between made anew");
	leave(&s);
}

static void test_limits(void)
{
	struct scene s = scene();

	s.limits.entries = 2;
	add(&s, (struct tar_member){.type = '0', .path = "a"});
	add(&s, (struct tar_member){.type = '0', .path = "b"});
	add(&s, (struct tar_member){.type = '0', .path = "c"});
	ok(unpack(&s) < 0 && strstr(s.e.what, "more than 2 entries"), "too many entries");
	leave(&s);
	s = scene();
	s.limits.bytes = 10;
	add(&s, (struct tar_member){.type = '0', .path = "a", .data = "12345678"});
	add(&s, (struct tar_member){.type = '0', .path = "b", .data = "123"});
	ok(unpack(&s) < 0 && strstr(s.e.what, "more than 10 bytes") && !look(s.root, "b").st_size,
	   "too many bytes");
	leave(&s);
	s = scene();
	s.limits.bytes = 10;
	tar_add_pax(&s.tar, "SCHILY.xattr.user.a", "12345678901");
	add(&s, (struct tar_member){.type = '0', .path = "a"});
	ok(unpack(&s) < 0 && strstr(s.e.what, "more than 10 bytes"), "too many in attributes");
	leave(&s);
}

/* Each link is a copy, of what a sparse file of a few bytes may have made large. */
static void test_limit_of_copies(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '0', .path = "f", .data = "123456"});
	put_below(&s);
	s.limits.bytes = 15;
	add(&s, (struct tar_member){.type = '1', .path = "1", .link = "f"});
	add(&s, (struct tar_member){.type = '1', .path = "2", .link = "f"});
	ok(unpack(&s) == 0 && s.report.bytes == 12, "copies of a file below count as bytes");
	leave(&s);
	s.root = new_folder();
	add(&s, (struct tar_member){.type = '1', .path = "1", .link = "f"});
	add(&s, (struct tar_member){.type = '1', .path = "2", .link = "f"});
	add(&s, (struct tar_member){.type = '1', .path = "3", .link = "f"});
	ok(unpack(&s) < 0 && strstr(s.e.what, "too large") && !exists(s.root, "3"),
	   "and are limited");
	leave(&s);
}

/* Of 4096 bytes each a few megabytes of zstd would fill gigabytes of memory. */
static void test_limit_of_whiteouts(void)
{
	struct scene s = scene();

	add(&s, (struct tar_member){.type = '0', .path = "f"});
	put_below(&s);
	s.limits.deleted = 2 * (sizeof("d/1") - 1 + sizeof(char *));
	add(&s, (struct tar_member){.type = '0', .path = "d/.wh.1"});
	add(&s, (struct tar_member){.type = '0', .path = "d/.wh.2"});
	ok(unpack(&s) == 0, "two whiteouts");
	leave(&s);
	s.root = new_folder();
	add(&s, (struct tar_member){.type = '0', .path = "d/.wh.1"});
	add(&s, (struct tar_member){.type = '0', .path = "d/.wh.2"});
	add(&s, (struct tar_member){.type = '0', .path = "d/.wh.3"});
	ok(unpack(&s) < 0 && strstr(s.e.what, "bytes of their names"), "and one too many");
	leave(&s);
}

/* Deeper than descriptors and, by names put together, longer than a path may be. */
static void test_deep_tree(void)
{
	enum { DEPTH = 1500 };
	auto_fd int at = new_folder();
	int deep = fcntl(at, F_DUPFD_CLOEXEC, 0), depth;
	struct err e;

	for (depth = 0; depth < DEPTH; depth++) {
		int next;

		if (mkdirat(deep, "dddd", 0700) < 0)
			break;
		next = openat(deep, "dddd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(deep);
		deep = next;
	}
	(void)close(openat(deep, "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(deep);
	ok(depth == DEPTH && remove_tree(at, "dddd", &e) == 0 && !exists(at, "dddd"),
	   "a tree of %d folders is removed", depth);
}

static void test_remove_odd_names(void)
{
	auto_fd int at = new_folder();
	struct err e;

	/* Names that the removal itself uses. */
	(void)mkdirat(at, "t", 0700);
	(void)mkdirat(at, "t/.flat-0", 0700);
	(void)mkdirat(at, "t/.flat-0/x", 0000);
	(void)close(openat(at, "t/.flat-1", O_CREAT | O_WRONLY | O_CLOEXEC, 0));
	(void)mkdirat(at, "t/a", 0700);
	(void)mkdirat(at, "t/a/b", 0700);
	(void)close(openat(at, "t/a/b/c", O_CREAT | O_WRONLY | O_CLOEXEC, 0));
	ok(symlinkat("/etc", at, "t/a/link") == 0, "a link to leave alone");
	ok(remove_tree(at, "t", &e) == 0 && !exists(at, "t"), "odd names are removed: %s", e.what);
	ok(access("/etc/passwd", F_OK) == 0, "no link was followed");
	ok(remove_tree(at, "never was", &e) == 0, "what is not there is removed");
}

int main(void)
{
	/* Not /tmp: a tmpfs had no user.* attributes before Linux 6.6. */
	char folder[] = "/var/tmp/rlc-unpack-XXXXXX";
	struct err e;

	if (!mkdtemp(folder)) {
		printf("Bail out! no folder in /var/tmp\n");
		return 1;
	}
	top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)umask(0);
	if (geteuid() != 0 && !namespace_enter(0)) {
		printf("1..0 # SKIP no user namespace to be root in\n");
		return 0;
	}
	test_kinds();
	test_hostile_paths();
	test_absolute_is_beneath();
	test_replaced();
	test_whiteouts();
	test_whiteouts_in_base_layer();
	test_owners();
	test_xattrs();
	test_omitted_parent();
	test_link_to_lower();
	test_limits();
	test_limit_of_copies();
	test_limit_of_whiteouts();
	test_deep_tree();
	test_remove_odd_names();
	ok(remove_tree(AT_FDCWD, folder, &e) == 0, "all is gone at the end");
	return tap_end();
}
