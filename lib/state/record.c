/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of containers as files: made, changed and read by rlc's commands and the monitor,
 * as the user. What is half made lies in DATA/tmp, so whatever is in DATA/containers is whole.
 */
#include "lib/state/record.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/kernel/cgroup_events.h"
#include "lib/kernel/cgroup_freeze.h"
#include "lib/state/claim.h"
#include "lib/state/dirs.h"
#include "lib/state/lock.h"
#include "lib/state/process.h"
#include "lib/state/record_file.h"
#include "lib/state/record_text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

enum { NAME_TRIES = 32, SWEEPER_TRIES = 100 };

void record_free(struct record *r)
{
	free(r->id);
	free(r->name);
	free(r->image_id);
	free(r->image_name);
	free(r->rootfs);
	strv_free(&r->layers);
	strv_free(&r->args);
	strv_free(&r->labels);
	strv_free(&r->ports);
	free(r->log_path);
	free(r->cidfile);
	free(r->config_json);
	*r = (struct record){0};
}

/* ---- birth ---- */

static int put_file(int folder, const char *name, const char *text, bool durable, struct err *e)
{
	auto_fd int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0 || (durable && fsync(fd) < 0))
		return err_sys(e, "write the container's %s", name);
	return 0;
}

static int put_files(int folder, const struct record *r, bool durable, struct err *e)
{
	auto_free char *text = record_format(r);

	if (put_file(folder, "record.json", text, durable, e) < 0)
		return -1;
	if (r->config_json && put_file(folder, "config.json", r->config_json, durable, e) < 0)
		return -1;
	/* From birth on, for whoever asks for it before a word was said. */
	if (r->log_path && put_file(folder, strrchr(r->log_path, '/') + 1, "", false, e) < 0)
		return -1;
	if (durable && fsync(folder) < 0)
		return err_sys(e, "sync the container's folder");
	return 0;
}

/* A made-up name may be taken; after some tries digits of the id make it unique. */
static int claim_new_name(const struct dirs *d, struct record *r, struct err *e)
{
	for (int i = 0; i < NAME_TRIES; i++) {
		auto_free char *name = record_new_name();
		int answer;

		if (i >= NAME_TRIES / 2) {
			auto_free char *plain = name;

			name = xasprintf("%s_%.6s", plain, r->id);
		}
		answer = claim_name(d, name, r->id, e);
		if (answer == 0)
			r->name = take_ptr(name);
		if (answer <= 0)
			return answer;
	}
	return -1;
}

/* From the half made folder in tmp to the container. */
static int publish(const struct dirs *d, int tmp, const char *id, bool durable, struct err *e)
{
	auto_fd int containers = dirs_open_folder(d->data_fd, "containers", e);

	if (containers < 0 || (durable && claim_sync(d, e) < 0))
		return -1;
	if (renameat(tmp, id, containers, id) < 0)
		return err_sys(e, "move it to %s/containers", d->data);
	if (durable && fsync(containers) < 0)
		return err_sys(e, "sync %s/containers", d->data);
	return 0;
}

/*
 * The folder in tmp, locked: for the sweeper, an unlocked one is garbage. Where flock(2) works on
 * no folder (NFS) there is no sweeper that could lock it either.
 */
static int make_folder(int tmp, const char *id, struct err *e)
{
	struct stat st;

	for (int i = 0; i < SWEEPER_TRIES; i++) {
		auto_fd int folder = dirs_open_folder(tmp, id, e);

		if (folder < 0 && e->sys != ENOENT)
			return -1;
		/* A sweeper that came between mkdir and here holds it until it has removed it. */
		while (folder >= 0 && flock(folder, LOCK_EX) < 0 && errno == EINTR)
			;
		if (folder >= 0 && fstat(folder, &st) == 0 && st.st_nlink > 0)
			return take_fd(&folder);
	}
	return err_msg(e, "the folder of container %.12s is removed again and again", id);
}

/* Whether the holder of a name was a --rm container whose monitor was killed; it is gone then. */
static bool remove_lost(const struct dirs *d, const char *name)
{
	char holder[RECORD_ID_LEN + 1];
	struct record_state state;
	struct record record;
	struct err ignored;
	bool gone;

	if (claim_holder(d, name, holder) < 0 ||
	    record_load(d, holder, &record, &state, &ignored) < 0)
		return false;
	gone = record_clean_lost(d, &record, &state);
	record_free(&record);
	return gone;
}

static int claim_given_name(const struct dirs *d, const struct record *r, struct err *e)
{
	int answer = claim_name(d, r->name, r->id, e);

	if (answer > 0 && remove_lost(d, r->name))
		answer = claim_name(d, r->name, r->id, e);
	return answer;
}

/* Locked before it is named, named before it is published: see claim_name(). */
static int make(const struct dirs *d, int tmp, struct record *r, bool durable, struct err *e)
{
	auto_fd int folder = make_folder(tmp, r->id, e);
	auto_fd int lock = -1;
	bool given = r->name != NULL;
	struct err ignored;

	if (folder < 0)
		return -1;
	lock = lock_create(folder, e);
	if (lock < 0)
		return -1;
	if ((given ? claim_given_name(d, r, e) : claim_new_name(d, r, e)) != 0)
		return -1;
	if (put_files(folder, r, durable, e) < 0 || publish(d, tmp, r->id, durable, e) < 0) {
		(void)claim_release(d, r->name, r->id, &ignored); /* else the next taker does */
		if (!given)
			xstr_set(&r->name, NULL);
		return -1;
	}
	return take_fd(&lock);
}

int record_create(const struct dirs *d, struct record *r, bool durable, struct err *e)
{
	auto_fd int tmp = -1;
	struct err ignored;
	int lock;

	if (r->name && record_check_name(r->name, e) < 0)
		return -1;
	tmp = dirs_open_folder(d->data_fd, "tmp", e);
	if (tmp < 0)
		return -1;
	lock = make(d, tmp, r, durable, e);
	if (lock < 0) {
		(void)file_remove_tree(tmp, r->id, &ignored); /* else the sweeper does */
		return -1;
	}
	return lock;
}

/* The container's own, and not what a file may claim beyond 2^63. */
static int64_t count_of(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

void record_count_limits(struct record_state *s, struct cgroup_events *ev)
{
	struct cgroup_events events = {0};

	if (s->cgroup[0])
		cgroup_events_read(s->cgroup, &events);
	if (count_of(events.oom_kills) > s->oom_kills)
		s->oom_kills = count_of(events.oom_kills);
	if (count_of(events.refused) > s->refused)
		s->refused = count_of(events.refused);
	if (ev)
		*ev = events;
}

enum record_status record_status_now(const struct record_state *s)
{
	return s->status == STATUS_RUNNING && s->cgroup[0] && cgroup_is_frozen(s->cgroup)
		   ? STATUS_PAUSED
		   : s->status;
}

int record_set_state(const struct dirs *d, const char *id, const struct record_state *s,
		     struct err *e)
{
	auto_free char *path = xasprintf("containers/%s/state.json", id);
	auto_free char *text = record_state_format(s);

	if (file_write(d->data_fd, path, text, strlen(text), 0600, false, e) < 0)
		return err_ctx(e, "container %.12s", id);
	return 0;
}

/* ---- reading ---- */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* What says "running" while nobody holds its lock is set right. */
static int notice_lost_monitor(const struct dirs *d, int folder, const char *id,
			       struct record_state *s, struct err *e)
{
	auto_fd int lock = -1, again = -1;
	int answer = lock_probe(folder, &lock, e);
	struct err ignored;

	if (answer < 0)
		return err_ctx(e, "container %.12s", id);
	if (answer == LOCK_HELD)
		return 0;
	/* It may have ended properly, or been removed, between our two looks. */
	if (record_read_state(d, folder, id, s, e) < 0)
		return -1;
	if (s->status == STATUS_EXITED)
		return 0;
	again = record_open(d, id, e);
	if (again < 0)
		return -1;
	if (s->status == STATUS_RUNNING)
		process_end_orphan(s);
	record_count_limits(s, NULL);
	s->status = STATUS_EXITED;
	s->monitor_lost = true;
	s->exit_code = -1;
	s->pid = 0;
	s->pid_start = 0;
	s->boot[0] = '\0';
	s->finished_ns = now_ns();
	/* On a full or read-only disk the next command comes to the same finding. */
	if (record_set_state(d, id, s, &ignored) < 0)
		log_debug("%s", ignored.what);
	return 0;
}

static int hint_removal(const char *id, struct err *e)
{
	return e->hint[0] ? -1 : err_hint(e, "run: rlc rm -f %.12s", id);
}

/*
 * A container without a record: its file was never synced (--rm), and power was lost. Nothing of
 * it is of use.
 */
static int forget_unwritten(const struct dirs *d, const char *id, struct err *e)
{
	if (record_remove(d, id, e) < 0)
		return -1;
	log_info("container %.12s had no record left and was removed", id);
	return record_not_there(id, e);
}

int record_load(const struct dirs *d, const char *id, struct record *r, struct record_state *s,
		struct err *e)
{
	auto_fd int folder = record_open(d, id, e);
	struct record_state state;
	struct record record;
	int there;

	if (folder < 0)
		return -1;
	there = record_read(d, folder, id, &record, e);
	if (there == 0)
		return forget_unwritten(d, id, e);
	if (there < 0)
		return hint_removal(id, e);
	if (record_read_state(d, folder, id, &state, e) < 0 ||
	    (state.status != STATUS_EXITED && notice_lost_monitor(d, folder, id, &state, e) < 0)) {
		record_free(&record);
		return hint_removal(id, e);
	}
	*r = record;
	*s = state;
	return 0;
}

int record_load_config(const struct dirs *d, const char *id, char **ret, struct err *e)
{
	auto_fd int folder = record_open(d, id, e);
	size_t n;

	return folder < 0 ? -1 : record_read_file(d, folder, id, "config.json", ret, &n, e);
}

int record_lock_config(const struct dirs *d, const char *id, struct err *e)
{
	auto_fd int folder = record_open(d, id, e);

	while (folder >= 0 && flock(folder, LOCK_EX) < 0 && errno == EINTR)
		;
	return take_fd(&folder);
}

int record_set_config(const struct dirs *d, const char *id, const char *text, struct err *e)
{
	auto_free char *path = xasprintf("containers/%s/config.json", id);

	if (file_write(d->data_fd, path, text, strlen(text), 0600, false, e) < 0)
		return err_ctx(e, "container %.12s", id);
	return 0;
}
