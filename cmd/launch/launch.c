/* SPDX-License-Identifier: Apache-2.0 */
/* Stages, monitor and end of a launch; the process that calls this is the container's monitor. */
#include "cmd/launch/launch.h"

#include "cmd/launch/handover.h"
#include "cmd/launch/limit_notice.h"
#include "cmd/launch/live.h"
#include "cmd/launch/monitor.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "lib/kernel/cgroup.h"
#include "lib/kernel/cgroup_events.h"
#include "lib/state/libexec.h"
#include "storage/sweep.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>

/* rlc-ports */
enum { N_HELPERS = 2 };
_Static_assert((int)N_HELPERS <= (int)MONITOR_HELPERS_MAX, "all are handed over");

static void live_init(struct live *l, const struct dirs *d, const struct plan *p, struct filter *f,
		      int layers_lock)
{
	*l = (struct live){
	    .plan = p,
	    .dirs = d,
	    .filter = *f,
	    .uplink = -1,
	    .layers_lock = layers_lock,
	    .lock = -1,
	    .cgroup = -1,
	    .program = -1,
	    .server = {0, -1, -1, -1},
	    .log = -1,
	    .inner = {-1, -1, -1},
	    .outer = {-1, -1, -1},
	    .setup_pidfd = -1,
	    .init_pidfd = -1,
	    .forwarder_control = -1,
	    .pty = -1,
	    .link = {-1, -1},
	    .report = {-1, -1},
	    .run = -1,
	    .data = -1,
	    .rootfs = -1,
	    .proc = -1,
	    .root = -1,
	    .control = {-1, -1},
	    .self = -1,
	    .pty_peer = -1,
	};
	*f = (struct filter){0};
}

/*
 * In the foreground the caller reads it; what is in the record, and why it did not go on, can be
 * asked for later. Before the group is removed.
 */
static void tell_limits(const struct record *r, struct record_state *s, int status)
{
	auto_strv struct strv lines = {0};
	struct cgroup_events ev;

	record_count_limits(s, &ev);
	limit_notice(r->name, status, &ev, &lines);
	for (size_t i = 0; i < lines.n; i++)
		log_warn("%s", lines.v[i]);
	if (lines.n && !s->error[0])
		snprintf(s->error, sizeof(s->error), "%.500s", lines.v[0]);
}

int launch_finish(const struct dirs *d, const struct id_map *map, const struct record *r,
		  struct record_state *s, int status, struct err *e)
{
	struct err ignored;
	struct timespec t;

	tell_limits(r, s, status);
	if (s->cgroup[0]) {
		(void)cgroup_kill(s->cgroup, &ignored);
		if (cgroup_remove(s->cgroup, &ignored) < 0)
			log_warn("%s could not be removed", s->cgroup);
	}
	clock_gettime(CLOCK_REALTIME, &t);
	s->status = STATUS_EXITED;
	s->pid = 0;
	s->pid_start = 0;
	s->boot[0] = '\0';
	s->exit_code = status;
	s->finished_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	s->cgroup[0] = '\0';
	if (!r->remove)
		return record_set_state(d, r->id, s, e);
	if (record_remove_held(d, r, e) < 0)
		return -1;
	/* Its own end is told; what else lies there is the next command's matter too. */
	if (sweep_run(d, map, &ignored) < 0)
		log_warn("%s", ignored.what);
	return 0;
}

static int clean_up(struct live *l, int status, struct err *e)
{
	int rc = launch_finish(l->dirs, &l->plan->map, &l->record, &l->state, status, e);

	record_free(&l->record);
	portmaps_free(&l->ports);
	user_free(&l->user);
	filter_free(&l->filter);
	free(l->scope);
	close(take_fd(&l->lock));
	return rc;
}

/* In the foreground the caller reads it, in the background who asks for the container's state. */
static void note_lost(void *arg, const struct err *e)
{
	auto_str struct str text = {0};
	struct live *l = arg;
	struct err ignored;

	/* Of a process that reads what strangers send. */
	str_add_visible(&text, e->what);
	log_warn("%s", str_get(&text));
	snprintf(l->state.error, sizeof(l->state.error), "%.500s", str_get(&text));
	(void)record_set_state(l->dirs, l->plan->id, &l->state, &ignored);
}

static struct monitor monitor_of(struct live *l, struct monitor_helper helpers[N_HELPERS])
{
	helpers[0] = (struct monitor_helper){.pid = l->forwarder,
					     .control = take_fd(&l->forwarder_control),
					     .name = "rlc-ports",
					     .lost = "the published ports are closed",
					     .waited_for = true};
	helpers[1] = (struct monitor_helper){.pid = l->gateway,
					     .control = take_fd(&l->uplink),
					     .name = "rlc-net",
					     .lost = "the container's network is gone",
					     .asks_resolv = true};
	return (struct monitor){
	    .pid = l->init,
	    .pty = take_fd(&l->pty),
	    .in = take_fd(&l->outer.in),
	    .out = take_fd(&l->outer.out),
	    .err = take_fd(&l->outer.err),
	    .log_fd = take_fd(&l->log),
	    .attached = !l->plan->detach,
	    .interactive = l->plan->interactive,
	    .sig_proxy = true,
	    .helpers = helpers,
	    .n_helpers = N_HELPERS,
	    .helper_lost = note_lost,
	    .arg = l,
	    .stop_signal = l->plan->stop_signal,
	    .server = take_fd(&l->server.pidfd),
	};
}

static int watch(struct live *l, int *ret_status, struct err *e)
{
	struct monitor_helper helpers[N_HELPERS];
	struct monitor m = monitor_of(l, helpers);
	struct err lost;
	int rc = monitor_run(&m, ret_status, e);

	close(take_fd(&l->init_pidfd));
	if (rc < 0)
		kill(l->init, SIGKILL);
	if (clean_up(l, *ret_status, rc < 0 ? &lost : e) < 0)
		rc = -1;
	sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
	return rc;
}

/* A start that failed may have filled the disk: what is left of it goes at once. */
static int start(struct live *l, struct err *e)
{
	struct err ignored;

	if (stages_run(host_stages, l, e) == 0)
		return 0;
	if (l->plan->driver && sweep_run(l->dirs, &l->plan->map, &ignored) < 0)
		log_debug("%s", ignored.what);
	return -1;
}

/* The watcher of a detached container: no terminal, no output, a session of its own. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	close(null);
}

/* What a detached launch needs at its end, opened while an error can still be told. */
struct successor {
	int monitor; /* the program rlc-monitor */
	int rlc;     /* our own: for the end, whatever is installed by then */
};

static int open_successor(struct successor *s, struct err *e)
{
	s->monitor = libexec_open("rlc-monitor", e);
	if (s->monitor < 0)
		return -1;
	s->rlc = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (s->rlc >= 0)
		return 0;
	err_sys(e, "open /proc/self/exe");
	close(s->monitor);
	return -1;
}

static void __attribute__((noreturn))
watch_detached(struct live *l, const struct successor *s, int result)
{
	struct err e = {0};
	const int keep[] = {l->dirs->data_fd, l->dirs->run_fd, l->layers_lock,
			    result,	      s->monitor,      s->rlc};
	struct handover h = {.rlc = s->rlc, .data = l->dirs->data, .run = l->dirs->run};
	int rc;

	setsid();
	/* Nothing of the caller's is held for the container's life: no pipe, no folder. */
	fd_close_all_but(STDERR_FILENO + 1, keep, array_len(keep));
	if (chdir("/") < 0)
		log_debug("leave the current folder");
	rc = start(l, &e);
	if (rc == 0)
		leave_terminal();
	(void)!write(result, &e, sizeof(e)); /* nobody reads: the caller was killed meanwhile */
	close(result);
	if (rc < 0)
		_exit(EXIT_LAUNCHER);
	h.id = l->plan->id;
	h.monitor = monitor_of(l, h.helpers);
	/* Failing, our end is the container's, and the next command says so. */
	(void)handover_to_monitor(s->monitor, &h, l->lock, &e);
	_exit(EXIT_LAUNCHER);
}

/* What the new monitor says of the start. */
static int hear_monitor(int result, struct err *e)
{
	struct err told;

	if (fd_read_full(result, &told, sizeof(told)) != (ssize_t)sizeof(told))
		return err_msg(e, "the monitor was killed while the container started");
	if (told.exit == 0)
		return 0;
	*e = told;
	return -1;
}

static int launch_detached(struct live *l, struct err *e)
{
	struct successor s;
	int ends[2], rc = -1;
	pid_t pid;

	if (open_successor(&s, e) < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		err_sys(e, "make a pipe to the monitor");
		goto out;
	}
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		watch_detached(l, &s, ends[1]);
	}
	if (pid < 0)
		err_sys(e, "start the monitor");
	close(ends[1]);
	if (pid > 0)
		rc = hear_monitor(ends[0], e);
	close(ends[0]);
out:
	close(s.monitor);
	close(s.rlc);
	return rc;
}

int launch(const struct dirs *d, const struct plan *p, struct filter *f, int layers_lock,
	   int *ret_status, struct err *e)
{
	struct live l;

	live_init(&l, d, p, f, layers_lock);
	*ret_status = 0;
	if (p->detach)
		return launch_detached(&l, e);
	if (start(&l, e) < 0)
		return -1;
	return watch(&l, ret_status, e);
}
