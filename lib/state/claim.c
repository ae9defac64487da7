/* SPDX-License-Identifier: Apache-2.0 */
/* Claims names of containers atomically and takes back those of the dead. */
#include "lib/state/claim.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/state/dirs.h"
#include "lib/state/lock.h"
#include "lib/state/record_text.h"

#include <fcntl.h>
#include <sys/file.h>

enum { RECLAIM_TRIES = 16, CODE_LEN = 43 };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char digits[] = "0123456789abcdef";

/* 64 hex digits are 256 bits: 42 letters of 6, and one of 4 with two zeros below. */
static void encode(const char *id, char *code)
{
	unsigned int bits = 0, n = 0;

	for (const char *c = id; *c; c++) {
		bits = bits << 4 | (unsigned int)(strchr(digits, *c) - digits);
		n += 4;
		if (n >= 6) {
			n -= 6;
			*code++ = letters[bits >> n & 63];
		}
	}
	*code++ = letters[bits << 2 & 63];
	*code = '\0';
}

/* false: not the code of an id. */
static bool decode(const char *code, char *id)
{
	unsigned int bits = 0, n = 0;
	char again[CODE_LEN + 1];
	const char *begin = id;

	for (const char *c = code; *c; c++) {
		const char *letter = strchr(letters, *c);

		if (!letter)
			return false;
		bits = bits << 6 | (unsigned int)(letter - letters);
		for (n += 6; n >= 4 && id - begin < RECORD_ID_LEN; n -= 4)
			*id++ = digits[bits >> (n - 4) & 15];
	}
	*id = '\0';
	if (!record_id_is_valid(begin))
		return false;
	encode(begin, again);
	return strcmp(code, again) == 0;
}

static int holder_at(int names, const char *name, char *buf)
{
	char code[CODE_LEN + 2];
	ssize_t n = readlinkat(names, name, code, CODE_LEN + 1);

	if (n != CODE_LEN)
		return -1;
	code[n] = '\0';
	return decode(code, buf) ? 0 : -1;
}

int claim_holder(const struct dirs *d, const char *name, char *buf)
{
	auto_free char *path = xasprintf("names/%s", name);

	return holder_at(d->data_fd, path, buf);
}

/* Whether tmp/ID belongs to a creator that lives. */
static bool is_being_made(const struct dirs *d, const char *id)
{
	auto_free char *path = xasprintf("tmp/%s", id);
	auto_fd int folder = openat(d->data_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd int lock = -1;
	struct err ignored;

	/* An error counts as alive: a name is taken away only from who is known to be gone. */
	return folder >= 0 && lock_probe(folder, &lock, &ignored) != LOCK_FREE;
}

static bool is_there(const struct dirs *d, const char *id)
{
	auto_free char *path = xasprintf("containers/%s", id);

	return faccessat(d->data_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* In this order: a creator moves from the one place to the other. */
static bool is_alive(const struct dirs *d, const char *id)
{
	return is_being_made(d, id) || is_there(d, id);
}

/*
 * Who removes a link holds the lock of the folder, or it could remove the link that another has
 * just put in the place of the one it looked at.
 */
static int remove_link_of(int names, const char *name, const char *id)
{
	char holder[RECORD_ID_LEN + 1];
	int result = 0;

	if (flock(names, LOCK_EX) < 0)
		return -1;
	if (holder_at(names, name, holder) < 0 ? !id : id && strcmp(holder, id) == 0)
		result = unlinkat(names, name, 0);
	if (result < 0 && errno == ENOENT)
		result = 0;
	(void)flock(names, LOCK_UN); /* closing does it too */
	return result;
}

static int taken(const char *name, const char *holder, struct err *e)
{
	err_msg(e, "name %s belongs to container %.12s", name, holder);
	err_hint(e, "run: rlc rm -f %s, or choose another --name", name);
	return 1;
}

int claim_name(const struct dirs *d, const char *name, const char *id, struct err *e)
{
	auto_fd int names = dirs_open_folder(d->data_fd, "names", e);
	char code[CODE_LEN + 1];

	if (names < 0)
		return -1;
	encode(id, code);
	for (int i = 0; i < RECLAIM_TRIES; i++) {
		char holder[RECORD_ID_LEN + 1];
		bool known;

		if (symlinkat(code, names, name) == 0)
			return 0;
		if (errno != EEXIST)
			return err_sys(e, "claim name %s in %s/names", name, d->data);
		known = holder_at(names, name, holder) == 0;
		if (known && is_alive(d, holder))
			return taken(name, holder, e);
		if (remove_link_of(names, name, known ? holder : NULL) < 0)
			return err_sys(e, "take back the stale name %s/names/%s", d->data, name);
	}
	errno = EAGAIN;
	return err_sys(e, "claim name %s: others keep taking it", name);
}

int claim_sync(const struct dirs *d, struct err *e)
{
	auto_fd int names = dirs_open_folder(d->data_fd, "names", e);

	if (names < 0)
		return -1;
	return fsync(names) < 0 ? err_sys(e, "sync %s/names", d->data) : 0;
}

int claim_release(const struct dirs *d, const char *name, const char *id, struct err *e)
{
	auto_fd int names = dirs_open_folder(d->data_fd, "names", e);

	if (names < 0)
		return -1;
	if (remove_link_of(names, name, id) < 0)
		return err_sys(e, "give back name %s in %s/names", name, d->data);
	return 0;
}

int claim_sweep(const struct dirs *d, struct err *e)
{
	int names = openat(d->data_fd, "names", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_dir DIR *list = fd_into_dir(names);
	char holder[RECORD_ID_LEN + 1];
	struct dirent *entry;

	if (!list)
		return errno == ENOENT ? 0 : err_sys(e, "list %s/names", d->data);
	while ((entry = readdir(list)))
		if (holder_at(names, entry->d_name, holder) == 0 && !is_alive(d, holder) &&
		    remove_link_of(names, entry->d_name, holder) < 0)
			return err_sys(e, "take back the stale name %s/names/%s", d->data,
				       entry->d_name);
	return 0;
}

int claim_release_any(const struct dirs *d, const char *id, struct err *e)
{
	int names = dirs_open_folder(d->data_fd, "names", e);
	auto_dir DIR *list = names < 0 ? NULL : fdopendir(names);
	struct dirent *entry;
	char holder[RECORD_ID_LEN + 1];

	if (names < 0)
		return -1;
	if (!list) {
		err_sys(e, "list %s/names", d->data);
		close(names);
		return -1;
	}
	while ((entry = readdir(list)))
		if (holder_at(names, entry->d_name, holder) == 0 && strcmp(holder, id) == 0 &&
		    remove_link_of(names, entry->d_name, id) < 0)
			return err_sys(e, "give back name %s/names/%s", d->data, entry->d_name);
	return 0;
}
