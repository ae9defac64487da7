/* SPDX-License-Identifier: Apache-2.0 */
/* Freezes and thaws control groups; for the commands of rlc, as the user. */
#include "lib/kernel/cgroup_freeze.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/kernel/cgroup_events.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>

enum { TRY_MS = 1000, NAP_MS = 20 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int open_group(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static int set_freeze(int group, const char *value)
{
	auto_fd int fd = openat(group, "cgroup.freeze", O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_all(fd, value, 1);
}

/* Whether a flat keyed file, read anew, has "KEY 1". */
static bool has_one(int fd, const char *key)
{
	uint64_t value = 0;
	char text[256];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return cgroup_parse_keyed(text, key, &value) && value == 1;
}

/* The kernel wakes who polls the file at every change since it was last read (kernfs). */
static bool await_frozen(int events, int64_t until_ms)
{
	struct pollfd p = {.fd = events, .events = POLLPRI};

	while (!has_one(events, "frozen")) {
		int64_t left = until_ms - now_ms();

		if (left <= 0)
			return false;
		(void)poll(&p, 1, (int)left); /* whatever woke us: it is read again */
	}
	return true;
}

static int err_freeze(const char *path, struct err *e)
{
	err_sys(e, "write 1 to %s/cgroup.freeze", path);
	return e->sys == ENOENT ? err_hint(e, "Linux has it since 5.2") : -1;
}

int cgroup_freeze(const char *path, int millis, struct err *e)
{
	auto_fd int group = open_group(path), events = -1;
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};
	int64_t until = now_ms() + millis, next;

	if (group < 0)
		return err_sys(e, "open cgroup %s", path);
	events = openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (events < 0)
		return err_sys(e, "open %s/cgroup.events", path);
	/*
	 * One that waits for a file server (FUSE) which is frozen already cannot be stopped, nor
	 * can the server answer it: let go for a moment, both get further.
	 */
	do {
		if (set_freeze(group, "1") < 0)
			return err_freeze(path, e);
		next = now_ms() + TRY_MS;
		if (await_frozen(events, next < until ? next : until))
			return 0;
		(void)set_freeze(group, "0"); /* gone meanwhile: the next write says so */
		nanosleep(&nap, NULL);
	} while (now_ms() < until);
	err_msg(e, "some processes in %s did not stop within %d ms; all go on", path, millis);
	return err_hint(e,
			"one waits for a disk or a network file system (state D); find it, and "
			"try again later:\nps -o pid,stat,wchan:20,args -p "
			"\"$(paste -sd, %s/cgroup.procs)\"",
			path);
}

int cgroup_thaw(const char *path, struct err *e)
{
	auto_fd int group = open_group(path);

	/* ENODEV: removed since it was opened. */
	if (group < 0 ? errno == ENOENT : set_freeze(group, "0") == 0 || errno == ENODEV)
		return 0;
	return err_sys(e, "write 0 to %s/cgroup.freeze", path);
}

bool cgroup_is_frozen(const char *path)
{
	auto_fd int group = open_group(path), fd = -1;
	char byte;

	if (group >= 0)
		fd = openat(group, "cgroup.freeze", O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &byte, 1) == 1 && byte == '1';
}
