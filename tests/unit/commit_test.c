/* SPDX-License-Identifier: Apache-2.0 */
/* From rlc-image's scratch folder into a store: what a broken one may have left there. */
#include "storage/commit.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/state/dirs.h"
#include "storage/digest.h"
#include "storage/layer_record.h"
#include "storage/offer.h"
#include "storage/scratch.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#define A64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64  "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define BLOB "0123456789"

static struct dirs dirs;
static const struct scratch scratch = {.fd = -1, .path = "tmp/image-1"};

static bool is_there(const char *path)
{
	return faccessat(dirs.data_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void write_text(const char *path, const char *text)
{
	struct err e;

	if (file_write(dirs.data_fd, path, text, strlen(text), 0600, false, &e) < 0)
		printf("# %s\n", e.what);
}

/* The folder of a layer; the file in it tells one from another. */
static void make_layer(const char *path, const char *file)
{
	auto_free char *fs = xasprintf("%s/fs", path), *at = xasprintf("%s/%s", fs, file);
	struct layer_record r = {.diff_id = xstrdup("sha256:" A64), .names = -1};
	auto_fd int folder = -1;
	struct err e;

	(void)!mkdirat(dirs.data_fd, path, 0700);
	(void)!mkdirat(dirs.data_fd, fs, 0755);
	write_text(at, "");
	folder = openat(dirs.data_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || layer_record_write(folder, &r, &e) < 0)
		printf("# no layer at %s\n", path);
	layer_record_free(&r);
}

/* An empty store and an empty scratch folder. */
static void begin(void)
{
	static const char *const folders[] = {"tmp", "tmp/image-1", "layers", "blobs",
					      "blobs/sha256"};
	static const char *const old[] = {"tmp", "layers", "blobs", "images", "index.json"};
	struct err e;

	for (size_t i = 0; i < array_len(old); i++)
		if (file_remove_tree(dirs.data_fd, old[i], &e) < 0)
			(void)unlinkat(dirs.data_fd, old[i], 0);
	for (size_t i = 0; i < array_len(folders); i++)
		(void)!mkdirat(dirs.data_fd, folders[i], 0700);
}

/* An image of one layer, which lies in the folder of that name. What is made and kept is added. */
static struct offer offer(const char *hex, const char *folder, const char *name)
{
	struct offer o = {.images = xcalloc(1, sizeof(*o.images)), .n = 1};
	struct offer_image *image = o.images;

	image->manifest = xasprintf("{\"of\":\"%s\"}", hex);
	image->config = xstrdup("{}");
	strcpy(image->digest, "sha256:");
	digest_of(image->manifest, strlen(image->manifest), image->digest + 7);
	image->record.config = xstrdup("sha256:" C64);
	strv_add(&image->record.layers, folder);
	descriptors_add(&image->parts.layers, NULL, hex, strlen(BLOB));
	if (name)
		strv_add(&image->names, name);
	return o;
}

/* Takes o. */
static int commit(struct offer o, struct err *e)
{
	auto_strv struct strv ids = {0};
	int rc;

	*e = (struct err){0};
	rc = commit_images(&dirs, &scratch, &o, NULL, &ids, e);
	offer_free(&o);
	return rc == 0 && ids.n != 1 ? 1 : rc;
}

static bool is_named(const char *name)
{
	struct index x = {0};
	struct err e;
	bool is = index_read(dirs.data_fd, &x, &e) == 0 && index_find(&x, name);

	index_free(&x);
	return is;
}

static void test_layer(void)
{
	struct offer o = offer(A64, A64, "localhost/a:1");
	struct err e;

	begin();
	make_layer("tmp/image-1/0", "new");
	strv_add(&o.made, A64);
	ok(commit(o, &e) == 0 && is_there("layers/" A64 "/fs/new") && is_named("localhost/a:1"),
	   "a layer that was made gets its name, the image too");
	o = offer(A64, A64, "localhost/a:1");
	make_layer("tmp/image-1/0", "other");
	strv_add(&o.made, A64);
	ok(commit(o, &e) == 0 && is_there("layers/" A64 "/fs/new") &&
	       !is_there("layers/" A64 "/fs/other"),
	   "what stands there is not replaced");
	(void)unlinkat(dirs.data_fd, "layers/" A64 "/record.json", 0);
	o = offer(A64, A64, "localhost/a:1");
	strv_add(&o.made, A64);
	ok(commit(o, &e) == 0 && is_there("layers/" A64 "/fs/other"),
	   "but for what nobody can use");
}

static void test_not_made(void)
{
	struct offer o = offer(A64, A64, "localhost/a:1");
	struct err e;

	begin();
	ok(commit(o, &e) < 0 && strstr(e.what, A64 ": rlc-image says that it is here") &&
	       !is_there("index.json") && !is_there("images"),
	   "an image whose layer is nowhere is none");
	o = offer(A64, A64, "localhost/a:1");
	strv_add(&o.made, A64);
	ok(commit(o, &e) < 0 && strstr(e.what, "says that it made it"), "nor one not made");
	(void)!mkdirat(dirs.data_fd, "tmp/image-1/0", 0700);
	o = offer(A64, A64, "localhost/a:1");
	strv_add(&o.made, A64);
	ok(commit(o, &e) < 0 && strstr(e.what, "says that it made it"), "nor an empty folder");
	make_layer("tmp/elsewhere", "x");
	(void)unlinkat(dirs.data_fd, "tmp/image-1/0", AT_REMOVEDIR);
	make_layer("tmp/image-1/0", "x");
	(void)file_remove_tree(dirs.data_fd, "tmp/image-1/0/fs", &e);
	(void)!symlinkat("/", dirs.data_fd, "tmp/image-1/0/fs");
	o = offer(A64, A64, "localhost/a:1");
	strv_add(&o.made, A64);
	ok(commit(o, &e) < 0 && strstr(e.what, "says that it made it"), "nor one of a link");
	(void)file_remove_tree(dirs.data_fd, "tmp/image-1/0", &e);
	(void)!symlinkat("../elsewhere", dirs.data_fd, "tmp/image-1/0");
	o = offer(A64, A64, "localhost/a:1");
	strv_add(&o.made, A64);
	ok(commit(o, &e) < 0 && strstr(e.what, "says that it made it"), "nor a link to one");
	(void)unlinkat(dirs.data_fd, "tmp/image-1/0", 0);
	make_layer("tmp/image-1/0", "x");
	(void)!fchmodat(dirs.data_fd, "tmp/image-1/0", 0711, 0);
	o = offer(A64, A64, "localhost/a:1");
	strv_add(&o.made, A64);
	ok(commit(o, &e) < 0 && strstr(e.what, "opened it to others"), "nor one open to others");
	ok(!is_there("layers/" A64) && !is_there("index.json"),
	   "and nothing of it is in the store");
}

/* record.json is read by rlc. */
static void test_odd_records(void)
{
	struct err e;
	struct offer o;

	begin();
	make_layer("tmp/image-1/0", "x");
	make_layer("tmp/elsewhere", "x");
	(void)unlinkat(dirs.data_fd, "tmp/image-1/0/record.json", 0);
	(void)!symlinkat("../../elsewhere/record.json", dirs.data_fd, "tmp/image-1/0/record.json");
	o = offer(A64, A64, NULL);
	strv_add(&o.made, A64);
	ok(commit(o, &e) < 0, "a record that is a link leads nowhere");
	(void)unlinkat(dirs.data_fd, "tmp/image-1/0/record.json", 0);
	(void)!mkfifoat(dirs.data_fd, "tmp/image-1/0/record.json", 0600);
	o = offer(A64, A64, NULL);
	strv_add(&o.made, A64);
	alarm(20);
	ok(commit(o, &e) < 0, "one that is a fifo hangs nobody");
	alarm(0);
}

/* An answer that calls another image's manifest its own, with a layer folder that it made. */
static void test_other_image(void)
{
	static const char *const bad = A64 ".0123456789abcdef0123456789abcdef";
	struct image_record r = {0};
	auto_free char *digest = NULL;
	struct offer o;
	struct err e;

	begin();
	make_layer("tmp/image-1/0", "good");
	o = offer(A64, A64, "localhost/a:1");
	strv_add(&o.made, A64);
	digest = xstrdup(o.images[0].digest);
	ok(commit(o, &e) == 0, "an image");
	make_layer("tmp/image-1/0", "bad");
	o = offer(A64, bad, "localhost/b:1");
	strv_add(&o.made, bad);
	ok(commit(o, &e) == 0 && image_record_read(dirs.data_fd, digest, &r, &e) == 0 &&
	       r.layers.n == 1 && strcmp(r.layers.v[0], A64) == 0,
	   "keeps its layers, whatever else they are called later");
	image_record_free(&r);
	make_layer("tmp/image-1/0", "squashed");
	o = offer(A64, A64 ".1id", "localhost/b:1");
	strv_add(&o.made, A64 ".1id");
	ok(commit(o, &e) == 0 && image_record_read(dirs.data_fd, digest, &r, &e) == 0 &&
	       strcmp(r.layers.v[0], A64 ".1id") == 0,
	   "but for another map of ids");
	image_record_free(&r);
	(void)file_remove_tree(dirs.data_fd, "layers/" A64 ".1id", &e);
	o = offer(A64, bad, "localhost/b:1");
	ok(commit(o, &e) == 0 && image_record_read(dirs.data_fd, digest, &r, &e) == 0 &&
	       strcmp(r.layers.v[0], bad) == 0,
	   "unless they are gone");
	image_record_free(&r);
}

static int keep(const char *text, const char *hex, struct err *e)
{
	struct offer o = offer(hex, A64, "localhost/a:1");

	if (text)
		write_text("tmp/image-1/blob-0", text);
	strv_add(&o.kept, hex);
	return commit(o, e);
}

static void test_blob(void)
{
	char right[DIGEST_HEX];
	auto_free char *path = NULL, *there = NULL;
	struct err e;

	begin();
	make_layer("layers/" A64, "x");
	digest_of(BLOB, strlen(BLOB), right);
	path = xasprintf("blobs/sha256/%s", right);
	ok(keep(BLOB "0", right, &e) < 0 && strstr(e.what, "kept 11 bytes, its manifest says 10"),
	   "a blob of another size");
	ok(keep("012345678x", right, &e) < 0 && strstr(e.what, "bytes of digest sha256:"),
	   "one of other bytes");
	(void)unlinkat(dirs.data_fd, "tmp/image-1/blob-0", 0);
	write_text("tmp/elsewhere", BLOB);
	(void)!symlinkat("../elsewhere", dirs.data_fd, "tmp/image-1/blob-0");
	ok(keep(NULL, right, &e) < 0 && strstr(e.what, "open tmp/image-1/blob-0"), "a link");
	(void)unlinkat(dirs.data_fd, "tmp/image-1/blob-0", 0);
	(void)!linkat(dirs.data_fd, "tmp/elsewhere", dirs.data_fd, "tmp/image-1/blob-0", 0);
	ok(keep(NULL, right, &e) < 0 && strstr(e.what, "kept what is no file"),
	   "a file that has another name");
	(void)unlinkat(dirs.data_fd, "tmp/image-1/blob-0", 0);
	(void)!mkfifoat(dirs.data_fd, "tmp/image-1/blob-0", 0600);
	ok(keep(NULL, right, &e) < 0 && strstr(e.what, "kept what is no file"), "a fifo");
	(void)unlinkat(dirs.data_fd, "tmp/image-1/blob-0", 0);
	ok(!is_there(path) && !is_there("index.json"), "none of them is in the store");
	ok(keep(BLOB, right, &e) == 0 && is_there(path), "the right one is");
	write_text(path, "as it was");
	ok(keep(BLOB, right, &e) == 0 &&
	       file_read(dirs.data_fd, path, 100, &there, NULL, &e) == 0 &&
	       strcmp(there, "as it was") == 0,
	   "what is there is not overwritten");
}

int main(void)
{
	char folder[] = "/tmp/rlc-commit-XXXXXX";
	struct err e;

	if (!mkdtemp(folder)) {
		printf("Bail out! no folder in /tmp\n");
		return 1;
	}
	dirs.data = folder;
	dirs.data_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	test_layer();
	test_not_made();
	test_odd_records();
	test_other_image();
	test_blob();
	close(dirs.data_fd);
	ok(file_remove_tree(AT_FDCWD, folder, &e) == 0, "all is gone at the end");
	return tap_end();
}
