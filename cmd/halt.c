/* SPDX-License-Identifier: Apache-2.0 */
/* Ends containers for `rlc stop` and `rlc rm -f`, in the user's own process. */
#include "cmd/halt.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/kernel/cgroup_freeze.h"
#include "lib/state/process.h"
#include "lib/state/record.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <time.h>

enum {
	KILL_MS = 10000,    /* a process in an uninterruptible sleep dies late */
	MONITOR_MS = 10000, /* it removes the cgroup, with --rm also the files */
	BIRTH_MS = 5000,    /* a container that is being set up */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void halt_thaw(const char *cgroup)
{
	struct err e;

	if (cgroup && *cgroup && cgroup_thaw(cgroup, &e) < 0 && e.sys != ENOENT)
		log_debug("%s: %s", e.what, strerror(e.sys));
}

static int send_to(const struct halt *h, int sig, struct err *e)
{
	if (pidfd_send_signal(h->process, sig, NULL, 0) < 0 && errno != ESRCH)
		return err_sys(e, "send signal %d to container %s", sig, h->name);
	if (sig == SIGKILL)
		halt_thaw(h->cgroup);
	return 0;
}

static int send_first(struct halt *h, pid_t pid, const struct record *r, struct err *e)
{
	if (h->seconds == HALT_AS_RECORDED)
		h->seconds = r->stop_timeout;
	h->until_ms = h->seconds < 0 ? -1 : now_ms() + (int64_t)h->seconds * 1000;
	if (h->seconds != 0 && process_handles(pid, r->stop_signal))
		return send_to(h, r->stop_signal, e);
	/* Nobody there to listen: waiting would only take time. */
	h->killed = true;
	return send_to(h, SIGKILL, e);
}

static void halt_free(struct halt *h)
{
	free(h->id);
	free(h->name);
	free(h->cgroup);
	if (h->process >= 0)
		close(h->process);
	*h = (struct halt){.process = -1};
}

static int err_paused(const char *name, struct err *e)
{
	err_msg(e, "container %s is in state paused: can only stop created or running containers",
		name);
	return err_hint(e,
			"let it go on first: rlc unpause %s; rlc stop %s\nor end it: rlc kill %s",
			name, name, name);
}

int halt_begin(const struct dirs *d, const char *id, int seconds, enum halt_paused paused,
	       struct halt *ret, struct err *e)
{
	struct halt h = {.process = -1, .seconds = seconds};
	struct record_state s;
	struct process p;
	struct record r;
	int result = 0;

	if (process_open_born(d, id, BIRTH_MS, &p, e) < 0)
		return -1;
	h.process = p.fd;
	if (record_load(d, id, &r, &s, e) < 0) {
		halt_free(&h);
		return -1;
	}
	h.id = xstrdup(id);
	h.name = xstrdup(r.name);
	h.cgroup = xstrdup(p.cgroup);
	if (p.fd >= 0 && cgroup_is_frozen(p.cgroup)) {
		if (paused == HALT_REFUSES_PAUSED)
			result = err_paused(r.name, e);
		h.seconds = 0;
	}
	if (p.fd >= 0 && result == 0)
		result = send_first(&h, p.pid, &r, e);
	record_free(&r);
	if (result < 0)
		halt_free(&h);
	else
		*ret = h;
	return result;
}

/* 1: it ended; 0: the time is over. */
static int wait_end(const struct halt *h, int64_t until_ms, struct err *e)
{
	struct pollfd p = {.fd = h->process, .events = POLLIN};
	int n;

	do {
		int64_t left = until_ms < 0 ? -1 : until_ms - now_ms();

		n = poll(&p, 1, left > INT_MAX ? INT_MAX : left < -1 ? 0 : (int)left);
	} while ((n < 0 && errno == EINTR) || (n == 0 && until_ms >= 0 && now_ms() < until_ms));
	return n < 0 ? err_sys(e, "wait for container %s", h->name) : n;
}

static int end_process(const struct halt *h, struct err *e)
{
	int ended = 0;

	if (!h->killed) {
		ended = wait_end(h, h->until_ms, e);
		if (ended == 0) {
			log_warn("container %s did not end within %d seconds and is killed",
				 h->name, h->seconds);
			ended = send_to(h, SIGKILL, e);
		}
	}
	if (ended == 0)
		ended = wait_end(h, now_ms() + KILL_MS, e);
	if (ended == 0) {
		err_msg(e, "container %s does not die of SIGKILL", h->name);
		return err_hint(e, "its process waits for a device or a network file system");
	}
	return ended < 0 ? -1 : 0;
}

int halt_finish(const struct dirs *d, struct halt *h, struct err *e)
{
	int result = h->process < 0 ? 0 : end_process(h, e);

	/* Also for one that had ended already: its monitor may be at its last steps. */
	if (result == 0)
		result = process_wait_monitor(d, h->id, MONITOR_MS, e);
	if (result == 1) {
		err_msg(e, "the monitor of container %s does not end", h->name);
		result = err_hint(e, "its output may wait for a reader: look at the program that "
				     "reads what rlc run prints");
	}
	halt_free(h);
	return result;
}

int halt_parse_seconds(const char *text, int *ret, struct err *e)
{
	int64_t v;

	if (!str_to_i64(text, HALT_NEVER_KILL, INT_MAX, &v)) {
		err_msg(e, "not a number of seconds");
		return err_hint(e, "0 kills at once, -1 waits for ever");
	}
	*ret = (int)v;
	return 0;
}
