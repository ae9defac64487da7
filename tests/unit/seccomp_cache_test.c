/* SPDX-License-Identifier: Apache-2.0 */
/* cache_load and cache_store: only an untouched file of the same key is a hit. */
#include "seccomp/cache.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "seccomp/filter.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { N = 3, HEADER = 32 };
static struct sock_filter program[N] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0),
    BPF_STMT(BPF_RET | BPF_K, 7),
};
static const struct filter stored = {.insns = program, .n = N, .flags = 4};
static const char key[] = "the key";

static bool hit(int dir, const char *of)
{
	struct filter f = {0};
	bool got = cache_load(dir, of, strlen(of), &f);
	bool same =
	    got && f.n == N && f.flags == 4 && memcmp(f.insns, program, sizeof(program)) == 0;

	filter_free(&f);
	return same;
}

static size_t count(int dir)
{
	auto_fd int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *d = fdopendir(take_fd(&fd));
	struct dirent *entry;
	size_t n = 0;

	while ((entry = readdir(d)))
		n += entry->d_name[0] != '.';
	return n;
}

/* The only file of the folder. */
static void only_name(int dir, char name[static 256])
{
	auto_fd int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *d = fdopendir(take_fd(&fd));
	struct dirent *entry;

	name[0] = '\0';
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.')
			snprintf(name, 256, "%s", entry->d_name);
}

static void flip(int dir, const char *name, off_t at)
{
	auto_fd int fd = openat(dir, name, O_RDWR | O_CLOEXEC);
	unsigned char byte;

	if (fd < 0 || pread(fd, &byte, 1, at) != 1)
		abort();
	byte ^= 1;
	if (pwrite(fd, &byte, 1, at) != 1)
		abort();
}

static void resize(int dir, const char *name, off_t by)
{
	auto_fd int fd = openat(dir, name, O_RDWR | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || ftruncate(fd, st.st_size + by) < 0)
		abort();
}

static void change_mode(int dir, const char *name, mode_t mode)
{
	if (fchmodat(dir, name, mode, 0) < 0)
		abort();
}

/* Each of these on a fresh entry; what comes back must be a miss. */
static void test_odd(int dir, const char *name)
{
	static const struct {
		const char *what;
		void (*spoil)(int dir, const char *name, off_t how);
		off_t how;
	} bytes[] = {
	    {"another magic", flip, 0},
	    {"another format version", flip, 8},
	    {"another length of the key", flip, 16},
	    {"another number of instructions", flip, 20},
	    {"another checksum", flip, 24},
	    {"another key of the same name", flip, HEADER},
	    {"a changed instruction", flip, HEADER + sizeof(key) - 1 + 4},
	    {"its last byte changed", flip, HEADER + sizeof(key) - 1 + sizeof(program) - 1},
	    {"one byte short", resize, -1},
	    {"one byte long", resize, 1},
	    {"one instruction short", resize, -8},
	    {"cut in the header", resize, -(off_t)(sizeof(program) + sizeof(key) + 8)},
	    {"empty", resize, -(off_t)(HEADER + sizeof(key) - 1 + sizeof(program))},
	};

	for (size_t i = 0; i < array_len(bytes); i++) {
		cache_store(dir, key, strlen(key), &stored);
		ok(hit(dir, key), "before: a hit");
		bytes[i].spoil(dir, name, bytes[i].how);
		ok(!hit(dir, key), "%s: a miss", bytes[i].what);
	}
	cache_store(dir, key, strlen(key), &stored);
	ok(hit(dir, key), "what was odd is written anew");

	change_mode(dir, name, 0620);
	ok(!hit(dir, key), "writable by the group: a miss");
	change_mode(dir, name, 0602);
	ok(!hit(dir, key), "writable by all: a miss");
	change_mode(dir, name, 0600);
	ok(hit(dir, key), "and a hit again");
}

static void test_not_a_file(int dir, const char *name)
{
	if (renameat(dir, name, dir, "elsewhere") < 0 || symlinkat("elsewhere", dir, name) < 0)
		abort();
	ok(!hit(dir, key), "a symlink: a miss");
	cache_store(dir, key, strlen(key), &stored);
	ok(hit(dir, key), "a symlink is replaced, not followed");
	if (unlinkat(dir, "elsewhere", 0) < 0 || unlinkat(dir, name, 0) < 0 ||
	    mkfifoat(dir, name, 0600) < 0)
		abort();
	/* Opening it the plain way would wait for a writer for ever. */
	ok(!hit(dir, key), "a FIFO: a miss, and no waiting");
	if (unlinkat(dir, name, 0) < 0 || mkdirat(dir, name, 0700) < 0)
		abort();
	ok(!hit(dir, key), "a folder: a miss");
	cache_store(dir, key, strlen(key), &stored);
	ok(!hit(dir, key), "which storing cannot replace, and says nothing");
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0)
		abort();
	cache_store(dir, key, strlen(key), &stored);
	ok(hit(dir, key), "once it is gone: a hit");
	if (geteuid() == 0) {
		if (fchownat(dir, name, 65534, (gid_t)-1, 0) < 0)
			abort();
		ok(!hit(dir, key), "of another owner: a miss");
	}
	if (unlinkat(dir, name, 0) < 0)
		abort();
}

/* In an empty folder: the first entry is made the newest, the others follow by their age. */
static void test_bound(int dir)
{
	const struct timespec later[] = {{.tv_sec = INT32_MAX}, {.tv_sec = INT32_MAX}};
	char name[256];

	cache_store(dir, key, strlen(key), &stored);
	only_name(dir, name);
	if (utimensat(dir, name, later, 0) < 0)
		abort();
	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "key %d", i);
		cache_store(dir, name, strlen(name), &stored);
		ok(hit(dir, name), "entry %d is there", i);
	}
	ok(count(dir) == 64, "%zu entries of 71 are kept", count(dir));
	ok(!hit(dir, "key 0") && !hit(dir, "key 6") && hit(dir, "key 7"), "the oldest are gone");
	ok(hit(dir, key), "the newest is not");
}

int main(void)
{
	char folder[] = "/tmp/seccomp-cache-XXXXXX", name[256];
	struct err e;
	int dir;

	if (!mkdtemp(folder))
		return 1;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(!hit(dir, key), "nothing there: a miss");
	cache_store(dir, key, strlen(key), &stored);
	ok(count(dir) == 1 && hit(dir, key), "one file, a hit");
	ok(!hit(dir, "the ke") && !hit(dir, "the key "), "another key: a miss");
	only_name(dir, name);
	test_odd(dir, name);
	test_not_a_file(dir, name);
	test_bound(dir);
	close(dir);
	file_remove_tree(AT_FDCWD, folder, &e);
	return tap_end();
}
