/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over the files of its corpus folders, in the place of libFuzzer. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { INPUT_MAX = 64 << 20 };

/*
 * The input sits in a block of exactly its own size: under ASan a read of one byte too many is
 * seen, which the spare NUL of file_read would hide.
 */
static void replay_bytes(const char *text, size_t n)
{
	auto_free uint8_t *exact = calloc(n ? n : 1, 1);

	if (!exact)
		abort();
	memcpy(exact, text, n);
	(void)LLVMFuzzerTestOneInput(exact, n);
}

static void replay_file(int folder, const char *name)
{
	auto_free char *text = NULL;
	struct err e = {0};
	size_t n;

	if (file_read(folder, name, INPUT_MAX, &text, &n, &e)) {
		ok(false, "read %s: %s", name, e.what);
		return;
	}
	replay_bytes(text, n);
	ok(true, "%s", name);
}

static void replay_folder(const char *path)
{
	auto_dir DIR *d = opendir(path);
	int before = tap_n;
	struct dirent *entry;
	struct stat st;

	while (d && (entry = readdir(d))) {
		if (fstatat(dirfd(d), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
			replay_file(dirfd(d), entry->d_name);
	}
	/* A corpus that went missing must not pass as one without failures. */
	if (tap_n == before)
		ok(false, "%s holds no input", path);
}

int main(int argc, char **argv)
{
	replay_bytes("", 0);
	for (int i = 1; i < argc; i++)
		replay_folder(argv[i]);
	return tap_end();
}
