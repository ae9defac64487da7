/* SPDX-License-Identifier: Apache-2.0 */
/* The store's index and what is found by it, over a data folder made by hand. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/kernel/idmap.h"
#include "lib/state/dirs.h"
#include "storage/change.h"
#include "storage/folder.h"
#include "storage/index.h"
#include "storage/lock.h"
#include "storage/prune.h"
#include "storage/store.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64 "abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"
#define D64 "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define E64 "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

static struct dirs dirs;

static void write_text(const char *path, const char *text)
{
	struct err e;

	if (file_write(dirs.data_fd, path, text, strlen(text), 0600, false, &e) < 0)
		printf("# %s\n", e.what);
}

/* Manifest `hex` with configuration `config` and one layer of that name. */
static void add_image(const char *hex, const char *config, const char *layer, int64_t created)
{
	auto_free char *digest = xasprintf("sha256:%s", hex);
	auto_free char *blob = xasprintf("blobs/sha256/%s", config);
	auto_free char *folder = xasprintf("layers/%s", layer), *fs = xasprintf("%s/fs", folder);
	struct image_record r = {
	    .config = xasprintf("sha256:%s", config), .size = 7, .created = created};
	struct err e;

	strv_add(&r.layers, layer);
	(void)mkdirat(dirs.data_fd, folder, 0700);
	(void)mkdirat(dirs.data_fd, fs, 0700);
	write_text(blob, "{\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{}}");
	if (image_record_write(dirs.data_fd, digest, &r, &e) < 0)
		printf("# %s\n", e.what);
	image_record_free(&r);
}

static bool finds(const char *reference, const char *id, const char *name)
{
	struct image image = {0};
	struct err e = {0};
	bool right = store_find(&dirs, reference, &image, &e) == 0 && strcmp(image.id, id) == 0 &&
		     (name ? image.name && strcmp(image.name, name) == 0 : !image.name);

	if (!right)
		printf("# %s: %s %s\n", reference, e.what, image.name ? image.name : "");
	image_free(&image);
	return right;
}

static void test_empty(void)
{
	struct image_row *rows;
	struct image image;
	struct err e = {0};
	size_t n = 1;

	ok(store_list(&dirs, &rows, &n, &e) == 0 && n == 0, "an empty store lists nothing");
	image_rows_free(rows, n);
	ok(store_find(&dirs, "alpine", &image, &e) < 0 && e.exit == 125 &&
	       strstr(e.what, "no image alpine here") && strstr(e.hint, "rlc load"),
	   "nothing is found, and how to get it");
}

static void test_index_names(void)
{
	struct index x = {0}, again = {0};
	auto_free char *text = NULL;
	struct err e;

	index_set(&x, "localhost/a:1", "sha256:" A64, 3);
	index_set(&x, "localhost/a:2", "sha256:" A64, 3);
	ok(x.n == 2 && index_count(&x, "sha256:" A64) == 2, "two names of one image");
	index_set(&x, "localhost/a:2", "sha256:" B64, 4);
	ok(x.n == 2 && strcmp(index_find(&x, "localhost/a:2")->digest, "sha256:" B64) == 0,
	   "a name moves to another image");
	index_set(&x, "localhost/a:1", "sha256:" B64, 4);
	ok(x.n == 3 && index_count(&x, "sha256:" A64) == 1,
	   "an image that lost its last name keeps an entry");
	index_set(&x, "localhost/a:3", "sha256:" A64, 3);
	ok(x.n == 3 && index_find(&x, "localhost/a:3"), "its next name takes that entry");
	index_keep(&x, "sha256:" A64, 3);
	ok(x.n == 3, "a named image needs no nameless entry");
	index_keep(&x, "sha256:" C64, 3);
	text = index_format(&x);
	ok(index_parse(text, strlen(text), &again, &e) == 0 && again.n == 4 && !again.v[3].name &&
	       strcmp(again.v[3].digest, "sha256:" C64) == 0 && again.v[0].size == x.v[0].size,
	   "written and read again");
	index_free(&x);
	index_free(&again);
}

static void test_index_refused(void)
{
	static const char *const rows[] = {
	    "",
	    "{\"manifests\":7}",
	    "{\"manifests\":[{}]}",
	    "{\"manifests\":[{\"digest\":\"sha256:../../etc\"}]}",
	    "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"size\":-4}]}",
	    "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"annotations\":[]}]}",
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct index x = {0};
		struct err e;

		ok(index_parse(rows[i], strlen(rows[i]), &x, &e) < 0 &&
		       strstr(e.what, "index.json") && !x.v,
		   "damaged index %zu: %s", i, e.what);
	}
}

static void fill(void)
{
	struct index x = {0};
	struct err e;

	(void)mkdirat(dirs.data_fd, "blobs", 0700);
	(void)mkdirat(dirs.data_fd, "blobs/sha256", 0700);
	(void)mkdirat(dirs.data_fd, "layers", 0700);
	add_image(A64, B64, "1111", 100);
	add_image(C64, D64, "2222", 200);
	index_set(&x, "localhost/app:latest", "sha256:" A64, 3);
	index_set(&x, "docker.io/library/app:latest", "sha256:" C64, 3);
	index_set(&x, "docker.io/library/other:1", "sha256:" C64, 3);
	ok(index_write(dirs.data_fd, &x, &e) == 0, "an index is written");
	index_free(&x);
}

static void test_find(void)
{
	struct image image;
	struct err e;

	ok(finds("app", B64, "localhost/app:latest"), "a short name is here first");
	ok(finds("docker.io/app", D64, "docker.io/library/app:latest"), "a full name is that one");
	ok(finds("other:1", D64, "docker.io/library/other:1"), "then of docker.io");
	ok(finds(B64, B64, NULL) && finds("bb", B64, NULL) && finds("sha256:" B64, B64, NULL),
	   "by id, its beginning, its digest");
	ok(finds("sha256:" A64, B64, NULL) && finds("aaa", B64, NULL), "by the manifest's digest");
	ok(finds("app@sha256:" C64, D64, "docker.io/library/app:latest"), "pinned");
	ok(store_find(&dirs, "app@sha256:" B64, &image, &e) < 0, "pinned to another digest");
	ok(store_find(&dirs, "a", &image, &e) < 0 && strstr(e.what, "more than one"),
	   "an ambiguous id");
	ok(store_find(&dirs, "app:other", &image, &e) < 0 && strstr(e.what, "no image"),
	   "another tag");
	ok(store_find(&dirs, "x\033[31m", &image, &e) < 0 && !strchr(e.what, '\033'),
	   "an escape sequence is made visible");
}

static void test_list(void)
{
	struct image_row *rows;
	struct err e;
	size_t n;

	ok(store_list(&dirs, &rows, &n, &e) == 0 && n == 3, "a list");
	ok(rows[0].created == 200 && strcmp(rows[0].name, "docker.io/library/app") == 0 &&
	       strcmp(rows[0].tag, "latest") == 0 && strcmp(rows[0].id, D64) == 0 &&
	       rows[2].created == 100,
	   "newest first");
	image_rows_free(rows, n);
}

static void test_tag(void)
{
	struct err e;

	ok(store_tag(&dirs, "app", "new:2", &e) == 0 && finds("new:2", B64, "localhost/new:2"),
	   "a tag given here is of localhost");
	ok(store_tag(&dirs, "none", "new:3", &e) < 0, "nothing to tag");
	ok(store_tag(&dirs, "app", "New", &e) < 0, "no name");
	ok(store_tag(&dirs, "app", "n@sha256:" A64, &e) < 0, "a digest is no tag");
}

static void test_damaged(void)
{
	struct image image;
	struct err e = {0};

	(void)unlinkat(dirs.data_fd, "layers/1111/fs", AT_REMOVEDIR);
	ok(store_find(&dirs, "localhost/app", &image, &e) < 0 && strstr(e.what, "layers/1111/fs") &&
	       strstr(e.hint, "rlc rmi --force"),
	   "a layer is missing: what, and the remedy");
	write_text("images/" C64 ".json", "{\"format\":99}");
	ok(store_find(&dirs, "other:1", &image, &e) < 0 && strstr(e.what, "format 99"),
	   "a record of a newer format is refused");
	write_text("images/" C64 ".json",
		   "{\"format\":1,\"config\":\"sha256:" D64 "\",\"layers\":[\"../../etc\"]}");
	ok(store_find(&dirs, "other:1", &image, &e) < 0 && strstr(e.what, "names no layer"),
	   "a layer that is a path");
	write_text("images/" C64 ".json",
		   "{\"format\":1,\"config\":\"sha256:" D64 "\",\"layers\":[\"1,upperdir=x\"]}");
	ok(store_find(&dirs, "other:1", &image, &e) < 0 && strstr(e.what, "names no layer"),
	   "a layer that is a mount option");
	write_text("index.json", "{");
	ok(store_find(&dirs, "other:1", &image, &e) < 0 && strstr(e.what, "index.json") &&
	       e.hint[0],
	   "a damaged index: named, and the remedy");
	(void)unlinkat(dirs.data_fd, "index.json", 0);
}

static void test_remove(void)
{
	struct id_map map = {.single = true};
	auto_strv struct strv used = {0}, none = {0}, report = {0};
	struct err e = {0};

	add_image(C64, D64, "2222", 200);
	fill();
	strv_add(&used, B64);
	ok(store_remove(&dirs, &map, "gone", &none, false, &report, &e) < 0 && e.exit == 1,
	   "nothing to remove: 1, as podman");
	ok(store_remove(&dirs, &map, "localhost/app", &used, false, &report, &e) < 0 &&
	       e.exit == 2 && report.n == 0,
	   "an image in use: 2");
	ok(store_remove(&dirs, &map, D64, &none, false, &report, &e) < 0 && e.exit == 2 &&
	       strstr(e.hint, "--force"),
	   "an id with two names");
	ok(store_remove(&dirs, &map, "other:1", &none, false, &report, &e) == 0 && report.n == 1 &&
	       strcmp(report.v[0], "Untagged: docker.io/library/other:1") == 0 &&
	       finds("docker.io/app", D64, "docker.io/library/app:latest"),
	   "one name of two: the image stays");
}

static void test_locks(void)
{
	struct err e;
	auto_fd int shared = lock_layers_shared(dirs.data_fd, &e);
	auto_fd int again = lock_layers_shared(dirs.data_fd, &e);

	ok(shared >= 0 && again >= 0, "two may load at once");
	ok(lock_layers_alone(dirs.data_fd, &e) == -2, "nobody removes layers meanwhile");
	close(take_fd(&shared));
	close(take_fd(&again));
	shared = lock_layers_alone(dirs.data_fd, &e);
	ok(shared >= 0, "then somebody may");
}

/* A pull publishes blobs before the index names them; a check reads those that it named. */
static void test_prune_waits(void)
{
	struct id_map map = {.single = true};
	struct err e;
	auto_fd int shared = lock_layers_shared(dirs.data_fd, &e);

	write_text("blobs/sha256/" E64, "of a pull that is not done");
	ok(prune_unused(&dirs, &map, &e) == 0 &&
	       faccessat(dirs.data_fd, "blobs/sha256/" E64, F_OK, 0) == 0,
	   "no blob goes while another command works with the store");
	close(take_fd(&shared));
	ok(prune_unused(&dirs, &map, &e) == 0 &&
	       faccessat(dirs.data_fd, "blobs/sha256/" E64, F_OK, 0) < 0,
	   "what nobody came to need goes then");
}

static void test_folder_names(void)
{
	ok(folder_name_is_allowed("index.json") && folder_name_is_allowed("oci-layout") &&
	       folder_name_is_allowed("blobs/sha256/" A64),
	   "names of a layout");
	ok(!folder_name_is_allowed("") && !folder_name_is_allowed("../index.json") &&
	       !folder_name_is_allowed("/etc/passwd") &&
	       !folder_name_is_allowed("blobs/sha256/../../index.json") &&
	       !folder_name_is_allowed("blobs/sha256/" A64 "0") &&
	       !folder_name_is_allowed("blobs/sha512/" A64),
	   "other names");
}

static bool changes_to(const char *const *list, const char *json)
{
	auto_strv struct strv changes = {0};
	auto_free char *text = NULL;
	struct err e = {0};

	for (; *list; list++)
		strv_add(&changes, *list);
	if (changes_to_json(&changes, &text, &e) < 0)
		return !json && e.what[0];
	if (!json || strcmp(text, json) != 0)
		printf("# %s\n", text);
	return json && strcmp(text, json) == 0;
}

static void test_changes(void)
{
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
	ok(changes_to(LIST("CMD [\"a\",\"b c\"]"), "{\"Cmd\":[\"a\",\"b c\"]}"), "a list");
	ok(changes_to(LIST("ENTRYPOINT echo $X"),
		      "{\"Entrypoint\":[\"/bin/sh\",\"-c\",\"echo $X\"]}"),
	   "a line for the shell");
	ok(changes_to(LIST("ENV A=1", "ENV B=2", "ENV A=3"), "{\"Env\":[\"A=3\",\"B=2\"]}"),
	   "the environment");
	ok(changes_to(LIST("LABEL a=b=c", "LABEL d="), "{\"Labels\":{\"a\":\"b=c\",\"d\":\"\"}}"),
	   "labels");
	ok(changes_to(LIST("USER me", "WORKDIR /w"), "{\"User\":\"me\",\"WorkingDir\":\"/w\"}"),
	   "user and folder");
	ok(changes_to(LIST("EXPOSE 80 53/udp", "EXPOSE 8000-8001"),
		      "{\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{},\"8000-8001/tcp\":{}}}"),
	   "ports");
	ok(changes_to(LIST("EXPOSE 0"), NULL) && changes_to(LIST("EXPOSE 70000"), NULL) &&
	       changes_to(LIST("EXPOSE 80/icmp"), NULL) && changes_to(LIST("EXPOSE 9-8"), NULL) &&
	       changes_to(LIST("EXPOSE http"), NULL),
	   "no ports");
	ok(changes_to(LIST("CMD [\"a\""), NULL) && changes_to(LIST("CMD [1]"), NULL) &&
	       changes_to(LIST("ENV A"), NULL) && changes_to(LIST("LABEL =x"), NULL) &&
	       changes_to(LIST("USER "), NULL) && changes_to(LIST("VOLUME /x"), NULL),
	   "refused");
}

int main(void)
{
	char folder[] = "/tmp/rlc-store-XXXXXX";
	struct err e;

	if (!mkdtemp(folder)) {
		printf("Bail out! no folder in /tmp\n");
		return 1;
	}
	dirs.data = folder;
	dirs.data_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	test_index_names();
	test_index_refused();
	test_empty();
	fill();
	test_find();
	test_list();
	test_tag();
	test_damaged();
	test_remove();
	test_locks();
	test_prune_waits();
	test_folder_names();
	test_changes();
	close(dirs.data_fd);
	ok(file_remove_tree(AT_FDCWD, folder, &e) == 0, "all is gone at the end");
	return tap_end();
}
