/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a log from its file, once or as it grows, in `rlc logs`. */
#include "cmd/log_print.h"

#include "cmd/launch/log_file.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/state/process.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/inotify.h>

enum { READ_ROOM = 65536, LAST_LOOK_MS = 200 };

/* A walk through the file, entry by entry. */
struct reader {
	const struct log_print *how;
	int fd;
	const char *path;
	struct str held; /* read, not yet taken as entries */
	off_t at;	 /* offset of held in the file */
	bool midline[2]; /* of each stream: the last entry was partial */
	bool visible[2]; /* of each stream: it goes to a terminal that escapes must not reach */
	bool garbage_told, over;
	struct str out;
};

void log_add_plain(struct str *to, const char *text, size_t n)
{
	while (n) {
		size_t len = strnlen(text, n);
		const char *tab = memchr(text, '\t', len);
		auto_free char *piece = NULL;

		if (tab)
			len = (size_t)(tab - text);
		piece = xstrndup(text, len);
		str_add_visible(to, piece);
		if (len < n)
			str_add(to, tab ? "\t" : "\\x00");
		len += len < n;
		text += len;
		n -= len;
	}
}

static int print_entry(struct reader *r, const struct log_entry *entry, struct err *e)
{
	bool starts = !r->midline[entry->stream];
	char time[40];

	r->midline[entry->stream] = entry->partial;
	if (entry->time_ns < r->how->since_ns)
		return 0;
	if (entry->time_ns > r->how->until_ns) {
		r->over = true;
		return 0;
	}
	r->out.len = 0;
	if (r->how->times && starts) {
		log_time_format(time, sizeof(time),
				(struct timespec){.tv_sec = entry->time_ns / 1000000000,
						  .tv_nsec = entry->time_ns % 1000000000});
		str_addf(&r->out, "%s ", time);
	}
	if (r->visible[entry->stream])
		log_add_plain(&r->out, entry->text, entry->len);
	else
		str_addn(&r->out, entry->text, entry->len);
	if (!entry->partial)
		str_add(&r->out, "\n");
	if (r->out.len && fd_write_all(entry->stream == LOG_STDERR ? STDERR_FILENO : STDOUT_FILENO,
				       r->out.s, r->out.len) < 0)
		return err_sys(e, "write the log of a container");
	return 0;
}

static void skip_garbage(struct reader *r)
{
	if (!r->garbage_told)
		log_warn("%s holds lines that are no log entries; they are left out", r->path);
	r->garbage_told = true;
}

/* Calls `each` for every whole entry that was read; what is left of the last waits for more. */
static int take_entries(struct reader *r,
			int (*each)(struct reader *r, const struct log_entry *entry, struct err *e),
			struct err *e)
{
	size_t used = 0;

	while (!r->over && used < r->held.len) {
		const char *at = r->held.s + used;
		struct log_entry entry;
		ssize_t n = log_entry_parse(at, r->held.len - used, &entry);

		if (n == 0)
			break;
		if (n < 0) {
			skip_garbage(r);
			n = (const char *)memchr(at, '\n', r->held.len - used) + 1 - at;
		} else if (each(r, &entry, e) < 0) {
			return -1;
		}
		used += (size_t)n;
		r->at += n;
	}
	if (used) {
		memmove(r->held.s, r->held.s + used, r->held.len - used);
		r->held.len -= used;
	}
	return 0;
}

/* Reads to the present end of the file. */
static int read_on(struct reader *r,
		   int (*each)(struct reader *r, const struct log_entry *entry, struct err *e),
		   struct err *e)
{
	auto_free char *part = xcalloc(READ_ROOM, 1);
	ssize_t n;

	while (!r->over && (n = read(r->fd, part, READ_ROOM)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read %s", r->path);
		str_addn(&r->held, part, (size_t)n);
		if (take_entries(r, each, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the last lines ---- */

/* Offsets of the last lines' beginnings, in a ring. */
struct tail {
	struct reader reader; /* first: `each` gets a pointer to it */
	off_t *ring;
	size_t n, room, most;
};

_Static_assert(offsetof(struct tail, reader) == 0, "note_line() finds the tail by its reader");

static int note_line(struct reader *r, const struct log_entry *entry, struct err *e)
{
	struct tail *t = (struct tail *)r;
	bool starts = !r->midline[entry->stream];

	(void)e;
	r->midline[entry->stream] = entry->partial;
	if (!starts || entry->time_ns < r->how->since_ns || entry->time_ns > r->how->until_ns)
		return 0;
	if (t->n == t->room && t->room < t->most) {
		t->room = t->room ? t->room * 2 : 64;
		if (t->room > t->most)
			t->room = t->most;
		t->ring = xreallocarray(t->ring, t->room, sizeof(*t->ring));
	}
	t->ring[t->n++ % t->room] = r->at;
	return 0;
}

/* Puts the file's offset to where its last `tail` lines begin. */
static int seek_tail(int fd, const char *path, const struct log_print *p, struct err *e)
{
	struct tail t = {.reader = {.how = p, .fd = fd, .path = path, .garbage_told = true},
			 .most = (size_t)p->tail};
	off_t begin;
	int result;

	if (p->tail == 0)
		return lseek(fd, 0, SEEK_END) < 0 ? err_sys(e, "seek %s", path) : 0;
	result = read_on(&t.reader, note_line, e);
	begin = t.n == 0 ? t.reader.at : t.n <= t.room ? t.ring[0] : t.ring[t.n % t.room];
	free(t.ring);
	str_free(&t.reader.held);
	if (result == 0 && lseek(fd, begin, SEEK_SET) < 0)
		return err_sys(e, "seek %s", path);
	return result;
}

/* ---- as it grows ---- */

/* Until the container ends; then whatever its monitor wrote at last. */
static int follow(struct reader *r, const struct dirs *d, const char *id, struct err *e)
{
	auto_fd int changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd p = {.fd = changes, .events = POLLIN};
	char ignored[4096];
	int running = 1;

	if (changes < 0 || inotify_add_watch(changes, r->path, IN_MODIFY) < 0)
		return err_sys(e, "watch %s", r->path);
	while (running == 1 && !r->over) {
		/* Asked before reading: what is written in between is read all the same. */
		running = process_wait_monitor(d, id, 0, e);
		if (running < 0 || read_on(r, print_entry, e) < 0)
			return -1;
		if (running == 1 && poll(&p, 1, LAST_LOOK_MS) > 0)
			while (read(changes, ignored, sizeof(ignored)) > 0)
				;
	}
	return 0;
}

int log_print(const struct dirs *d, const char *id, const char *path, const struct log_print *p,
	      struct err *e)
{
	auto_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct reader r = {.how = p, .fd = fd, .path = path};
	int result;

	if (fd < 0)
		return err_sys(e, "open log %s", path);
	r.visible[LOG_STDOUT] = p->plain && isatty(STDOUT_FILENO);
	r.visible[LOG_STDERR] = p->plain && isatty(STDERR_FILENO);
	fflush(stdout);
	if (p->tail >= 0 && seek_tail(fd, path, p, e) < 0)
		return -1;
	result = read_on(&r, print_entry, e);
	if (result == 0 && p->follow)
		result = follow(&r, d, id, e);
	str_free(&r.held);
	str_free(&r.out);
	return result;
}
