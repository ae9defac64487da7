/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar_next and tar_read over a whole archive. A first byte of 'C' has the checksums mended first,
 * or no mutation would ever come past them.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/stream.h"
#include "storage/tar.h"
#include "tests/fuzz/fuzz.h"

static void mend_checksums(unsigned char *bytes, size_t n)
{
	for (; n >= TAR_BLOCK; bytes += TAR_BLOCK, n -= TAR_BLOCK) {
		unsigned int sum = 0;
		char text[8];

		if (tar_block_is_zero(bytes))
			continue;
		memset(bytes + 148, ' ', 8);
		for (size_t i = 0; i < TAR_BLOCK; i++)
			sum += bytes[i];
		snprintf(text, sizeof(text), "%06o", sum);
		memcpy(bytes + 148, text, 7);
	}
}

static void check_entry(struct tar *t, const struct tar_entry *entry)
{
	const unsigned char *bytes;
	uint64_t offset, end = 0, sum = 0;
	struct err e;
	ssize_t n;

	if (!*entry->path || strlen(entry->path) > TAR_PATH_MAX ||
	    strlen(entry->link) > TAR_PATH_MAX || entry->mode > 07777)
		abort();
	while ((n = tar_read(t, &offset, &bytes, &e)) > 0) {
		/* Data never goes back, nor beyond the size that was announced. */
		if (offset < end || offset + (uint64_t)n > entry->size)
			abort();
		end = offset + (uint64_t)n;
		sum += (uint64_t)n;
	}
	if (n == 0 && sum != entry->packed)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free unsigned char *bytes = xcalloc(size, 1);
	const struct tar_entry *entry;
	struct err e = {0};
	struct stream *in;
	struct tar *t;
	size_t skip = size > 0;
	int rc;

	if (size)
		memcpy(bytes, data, size);
	if (size && data[0] == 'C')
		mend_checksums(bytes + 1, size - 1);
	in = stream_memory(bytes + skip, size - skip);
	t = tar_new(in);
	while ((rc = tar_next(t, &entry, &e)) > 0) {
		auto_free char *path = NULL;

		check_entry(t, entry);
		if (tar_path_clean(entry->path, &path, &e) == 0 &&
		    (path[0] == '/' || strncmp(path, "../", 3) == 0 || strstr(path, "/../") ||
		     strcmp(path, "..") == 0 || !*path))
			abort();
	}
	if (rc < 0 && !e.what[0])
		abort();
	tar_free(t);
	stream_free(in);
	return 0;
}
