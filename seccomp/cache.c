/* SPDX-License-Identifier: Apache-2.0 */
/* Files of compiled programs, one for each key, in a folder that only the user can write. */
#include "seccomp/cache.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "seccomp/filter.h"

#include <fcntl.h>
#include <sys/stat.h>

enum {
	FORMAT = 1,
	ENTRIES_MAX = 64,
	KEY_MAX = 2 << 20, /* a profile's text of 1 MiB and what stands around it */
};

/* Then the key, then the program. In the host's byte order: the folder never leaves the host. */
struct header {
	char magic[8];
	uint32_t format;
	uint32_t flags;
	uint32_t key_len;
	uint32_t n;
	uint64_t checksum; /* of the program: the folder may be on a disk that lost power */
};

static const char magic[8] = "rlc-bpf";

/* FNV-1a. It names files and finds torn ones; an equal key is proven by comparing it. */
static uint64_t hash(const void *bytes, size_t n)
{
	const unsigned char *b = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return h;
}

static void entry_name(char name[static 32], const char *key, size_t key_len)
{
	snprintf(name, 32, "%016llx.bpf", (unsigned long long)hash(key, key_len));
}

/* Returns the length of the whole file, or 0 where it cannot be ours. */
static size_t trusted_size(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_mode & (S_IWGRP | S_IWOTH))
		return 0;
	if (st.st_size < (off_t)sizeof(struct header) ||
	    st.st_size > (off_t)(sizeof(struct header) + KEY_MAX +
				 BPF_MAXINSNS * sizeof(struct sock_filter)))
		return 0;
	return (size_t)st.st_size;
}

bool cache_load(int dirfd, const char *key, size_t key_len, struct filter *ret)
{
	auto_free char *bytes = NULL;
	struct header head;
	char name[32];
	size_t size;

	entry_name(name, key, key_len);
	/* Non-blocking: a FIFO in its place must not hold the start up. */
	auto_fd int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || !(size = trusted_size(fd)))
		return false;
	bytes = xcalloc(1, size);
	if (fd_read_full(fd, bytes, size) != (ssize_t)size)
		return false;
	memcpy(&head, bytes, sizeof(head));
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 || head.format != FORMAT || head.n == 0 ||
	    head.n > BPF_MAXINSNS || head.key_len != key_len ||
	    size != sizeof(head) + key_len + head.n * sizeof(*ret->insns))
		return false;
	if (memcmp(bytes + sizeof(head), key, key_len) != 0 ||
	    hash(bytes + sizeof(head) + key_len, head.n * sizeof(*ret->insns)) != head.checksum)
		return false;
	ret->insns = xcalloc(head.n, sizeof(*ret->insns));
	memcpy(ret->insns, bytes + sizeof(head) + key_len, head.n * sizeof(*ret->insns));
	ret->n = head.n;
	ret->flags = head.flags;
	return true;
}

/* One more is written at a time, so that removing the oldest one keeps the number. */
static void make_room(int dirfd)
{
	auto_fd int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *d = fd < 0 ? NULL : fdopendir(fd);
	auto_free char *oldest = NULL;
	struct timespec oldest_at = {0};
	struct dirent *entry;
	size_t n = 0;

	if (!d)
		return;
	(void)take_fd(&fd);
	while ((entry = readdir(d))) {
		struct stat st;

		if (fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    S_ISDIR(st.st_mode))
			continue;
		n++;
		if (!oldest || st.st_mtim.tv_sec < oldest_at.tv_sec ||
		    (st.st_mtim.tv_sec == oldest_at.tv_sec &&
		     st.st_mtim.tv_nsec < oldest_at.tv_nsec)) {
			xstr_set(&oldest, entry->d_name);
			oldest_at = st.st_mtim;
		}
	}
	/* Lost to another rlc doing the same: nothing is lost. */
	if (n >= ENTRIES_MAX)
		(void)unlinkat(dirfd, oldest, 0);
}

void cache_store(int dirfd, const char *key, size_t key_len, const struct filter *f)
{
	struct header head = {.format = FORMAT,
			      .flags = f->flags,
			      .key_len = (uint32_t)key_len,
			      .n = (uint32_t)f->n,
			      .checksum = hash(f->insns, f->n * sizeof(*f->insns))};
	auto_str struct str bytes = {0};
	struct err e = {0};
	char name[32];

	if (key_len > KEY_MAX)
		return;
	memcpy(head.magic, magic, sizeof(magic));
	str_addn(&bytes, &head, sizeof(head));
	str_addn(&bytes, key, key_len);
	str_addn(&bytes, f->insns, f->n * sizeof(*f->insns));
	entry_name(name, key, key_len);
	make_room(dirfd);
	if (file_write(dirfd, name, bytes.s, bytes.len, 0600, false, &e) < 0)
		log_debug("cache of seccomp programs: %s", e.what);
}
