/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgets containers: one rename takes the folder away, the rest is cleaning up behind it. Runs in
 * rlc's commands and, for --rm, in the monitor.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/kernel/cgroup.h"
#include "lib/state/claim.h"
#include "lib/state/dirs.h"
#include "lib/state/lock.h"
#include "lib/state/record_file.h"
#include "lib/state/record_text.h"

#include <fcntl.h>
#include <sys/file.h>

enum { LAST_STEPS_MS = 2000 }; /* a monitor that has set down the exit has little left to do */

/* The file of --cidfile goes with its container, unless it holds something else by now. */
static void remove_cidfile(const char *path, const char *id)
{
	auto_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[RECORD_ID_LEN + 1];

	if (fd < 0 || fd_read_full(fd, text, sizeof(text)) < RECORD_ID_LEN ||
	    memcmp(text, id, RECORD_ID_LEN) != 0)
		return;
	if (unlink(path) < 0)
		log_debug("remove %s: %s", path, strerror(errno));
}

/*
 * Locked as a sweeper locks it (storage/sweep.h): two that remove the same tree trip over each
 * other. One that was first goes on.
 */
static int remove_garbage(int tmp, const char *name, struct err *e)
{
	auto_fd int folder = openat(tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return 0;
	return file_remove_tree(tmp, name, e);
}

/*
 * name NULL: not known. What stays of the folders is garbage that no command looks at: the rename
 * was what counted.
 */
static int take_away(const struct dirs *d, const char *id, const char *name, const char *cidfile,
		     struct err *e)
{
	auto_free char *from = xasprintf("containers/%s", id);
	auto_free char *to = xasprintf("rm-%s-%d", id, getpid());
	auto_fd int tmp = dirs_open_folder(d->data_fd, "tmp", e);
	struct err left;

	if (tmp < 0)
		return -1;
	if (renameat(d->data_fd, from, tmp, to) < 0) {
		if (errno == ENOENT)
			return record_not_there(id, e);
		return err_sys(e, "move %s/%s to %s/tmp", d->data, from, d->data);
	}
	if ((name ? claim_release(d, name, id, e) : claim_release_any(d, id, e)) < 0)
		return -1;
	if (cidfile)
		remove_cidfile(cidfile, id);
	if (file_remove_tree(d->run_fd, id, &left) < 0)
		log_debug("%s/%s is left: %s", d->run, id, left.what);
	if (remove_garbage(tmp, to, &left) < 0)
		log_debug("%s/tmp/%s is left to the sweeper: %s", d->data, to, left.what);
	return 0;
}

static int is_running(const struct dirs *d, int folder, const char *id, struct err *e)
{
	auto_free char *known_as = xasprintf("%.12s", id);
	const char *word = "running";
	struct record_state s;
	struct record r = {0};

	if (record_read_state(d, folder, id, &s, e) == 0 && record_status_now(&s) == STATUS_PAUSED)
		word = "paused";
	/* What its owner calls it; a damaged record has the id alone. */
	if (record_read(d, folder, id, &r, e) >= 0 && r.name)
		xstr_set(&known_as, r.name);
	record_free(&r);
	err_msg(e, "container %s is %s", known_as, word);
	err_hint(e, "run: rlc rm -f %s", known_as);
	return err_exit(e, 2);
}

/*
 * What is needed to forget it. Garbage is forgotten as well, but a newer rlc may keep things of its
 * container where this one does not look.
 */
static int read_for_removal(const struct dirs *d, int folder, const char *id, struct record *ret,
			    struct err *e)
{
	auto_free char *text = NULL;
	size_t n;

	if (record_read(d, folder, id, ret, e) >= 0)
		return 0;
	log_debug("%s", e->what);
	if (record_read_file(d, folder, id, "record.json", &text, &n, e) < 0 || !text)
		return 0;
	return record_is_newer(text, n) ? record_read(d, folder, id, ret, e) : 0;
}

int record_remove(const struct dirs *d, const char *id, struct err *e)
{
	auto_fd int folder = record_open(d, id, e);
	auto_fd int lock = -1;
	struct record r = {0};
	struct record_state s;
	struct err unreadable;
	int answer, result;

	if (folder < 0)
		return -1;
	answer = lock_probe(folder, &lock, e);
	if (answer == LOCK_HELD && record_read_state(d, folder, id, &s, &unreadable) == 0 &&
	    s.status == STATUS_EXITED)
		answer = lock_wait(folder, LAST_STEPS_MS, &lock, e);
	if (answer < 0)
		return err_ctx(e, "container %.12s", id);
	if (answer == LOCK_HELD)
		return is_running(d, folder, id, e);
	if (read_for_removal(d, folder, id, &r, e) < 0)
		return -1;
	result = take_away(d, id, r.name, r.cidfile, e);
	record_free(&r);
	return result;
}

int record_remove_held(const struct dirs *d, const struct record *r, struct err *e)
{
	return take_away(d, r->id, r->name, r->cidfile, e);
}

bool record_clean_lost(const struct dirs *d, const struct record *r, const struct record_state *s)
{
	struct err e;

	if (s->status != STATUS_EXITED || !s->monitor_lost)
		return false;
	if (s->cgroup[0] && (cgroup_kill(s->cgroup, &e) < 0 || cgroup_remove(s->cgroup, &e) < 0))
		log_debug("%s", e.what);
	if (!r->remove)
		return false;
	if (record_remove(d, r->id, &e) < 0 && e.exit != 1) {
		log_warn("%s", e.what);
		return false;
	}
	log_info("removed %s, whose monitor was killed", r->name);
	return true;
}
