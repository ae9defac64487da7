/* SPDX-License-Identifier: Apache-2.0 */
/* Stages, monitor and end of a launch; the process that calls this is the container's monitor. */
#include "cmd/launch/launch.h"

#include "cmd/launch/live.h"
#include "cmd/launch/monitor.h"
#include "cmd/launch/ports.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/kernel/cgroup.h"
#include "storage/sweep.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>

static void live_init(struct live *l, const struct dirs *d, const struct plan *p, struct filter *f,
		      int layers_lock)
{
	*l = (struct live){
	    .plan = p,
	    .dirs = d,
	    .filter = *f,
	    .layers_lock = layers_lock,
	    .lock = -1,
	    .cgroup = -1,
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

/* What the container leaves: its files in the run folder, its cgroup, with --rm everything. */
static int clean_up(struct live *l, int status, struct err *e)
{
	const struct plan *p = l->plan;
	struct err ignored;
	struct timespec t;
	int rc = 0;

	if (l->state.cgroup[0]) {
		(void)cgroup_kill(l->state.cgroup, &ignored);
		if (cgroup_remove(l->state.cgroup, &ignored) < 0)
			log_warn("%s could not be removed", l->state.cgroup);
	}
	clock_gettime(CLOCK_REALTIME, &t);
	l->state.status = STATUS_EXITED;
	l->state.pid = 0;
	l->state.pid_start = 0;
	l->state.exit_code = status;
	l->state.finished_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	l->state.cgroup[0] = '\0';
	if (p->remove) {
		rc = record_remove_held(l->dirs, &l->record, e);
		/* Its own end is told; what else lies there is the next command's matter too. */
		if (rc == 0 && sweep_run(l->dirs, &p->map, &ignored) < 0)
			log_warn("%s", ignored.what);
	} else {
		rc = record_set_state(l->dirs, p->id, &l->state, e);
	}
	record_free(&l->record);
	portmaps_free(&l->ports);
	user_free(&l->user);
	filter_free(&l->filter);
	close(take_fd(&l->lock));
	return rc;
}

/* In the foreground the caller reads it, in the background who asks for the container's state. */
static void note_lost(void *arg, const struct err *e)
{
	struct live *l = arg;
	struct err ignored;

	log_warn("%s", e->what);
	snprintf(l->state.error, sizeof(l->state.error), "%.500s", e->what);
	(void)record_set_state(l->dirs, l->plan->id, &l->state, &ignored);
}

static int watch(struct live *l, int *ret_status, struct err *e)
{
	struct monitor_helper helpers[] = {
	    {l->forwarder, l->forwarder_control, "rlc-ports", "the published ports are closed"},
	};
	struct monitor m = {
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
	    .n_helpers = array_len(helpers),
	    .helper_lost = note_lost,
	    .arg = l,
	    .stop_signal = l->plan->stop_signal,
	};
	struct err lost;
	int rc = monitor_run(&m, ret_status, e);

	close(take_fd(&l->init_pidfd));
	if (rc < 0)
		kill(l->init, SIGKILL);
	l->forwarder = helpers[0].pid;
	ports_stop(l);
	if (clean_up(l, *ret_status, rc < 0 ? &lost : e) < 0)
		rc = -1;
	sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
	return rc;
}

/* The watcher of a detached container: no terminal, no output, a session of its own. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	close(null);
}

static void __attribute__((noreturn)) watch_detached(struct live *l, int result)
{
	struct err e = {0};
	const int keep[] = {l->dirs->data_fd, l->dirs->run_fd, l->layers_lock, result};
	int status = 0, rc;

	setsid();
	/* Nothing of the caller's is held for the container's life: no pipe, no folder. */
	fd_close_all_but(STDERR_FILENO + 1, keep, array_len(keep));
	if (chdir("/") < 0)
		log_debug("leave the current folder");
	rc = stages_run(host_stages, l, &e);
	if (rc == 0)
		leave_terminal();
	(void)!write(result, &e, sizeof(e)); /* nobody reads: the caller was killed meanwhile */
	close(result);
	if (rc == 0)
		(void)watch(l, &status, &e); /* its end stands in the record */
	_exit(status);
}

static int launch_detached(struct live *l, struct err *e)
{
	int ends[2];
	struct err told;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe to the monitor");
	pid = fork();
	if (pid < 0)
		return err_sys(e, "start the monitor");
	if (pid == 0) {
		close(ends[0]);
		watch_detached(l, ends[1]);
	}
	close(ends[1]);
	n = fd_read_full(ends[0], &told, sizeof(told));
	close(ends[0]);
	if (n != (ssize_t)sizeof(told))
		return err_msg(e, "the monitor was killed while the container started");
	if (told.exit == 0)
		return 0;
	*e = told;
	return -1;
}

int launch(const struct dirs *d, const struct plan *p, struct filter *f, int layers_lock,
	   int *ret_status, struct err *e)
{
	struct live l;

	live_init(&l, d, p, f, layers_lock);
	*ret_status = 0;
	if (p->detach)
		return launch_detached(&l, e);
	if (stages_run(host_stages, &l, e) < 0)
		return -1;
	return watch(&l, ret_status, e);
}
