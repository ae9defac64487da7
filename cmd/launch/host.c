/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host: the user's own process, without a capability. It makes the record, the cgroup and the
 * namespaces, has the id maps written and waits until the command runs. What fails here or in a
 * child is undone in reverse.
 */
#include "cmd/launch/host_cgroup.h"
#include "cmd/launch/live.h"
#include "cmd/launch/plan_oci.h"
#include "cmd/launch/ports.h"
#include "cmd/launch/slow_start.h"
#include "cmd/launch/uplink.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/path.h"
#include "lib/kernel/cgroup.h"
#include "lib/kernel/program.h"
#include "lib/kernel/userns.h"
#include "lib/state/process.h"
#include "storage/points.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* From here on signals wait for the monitor, which passes them on: none may interrupt a stage. */
static int hold_signals(struct live *l, struct err *e)
{
	/* SIGPIPE is ignored instead: a blocked one would wait and strike when it is let through.
	 */
	static const int not_held[] = {SIGSEGV, SIGBUS, SIGILL,	 SIGFPE,
				       SIGABRT, SIGSYS, SIGTRAP, SIGPIPE};
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < array_len(not_held); i++)
		sigdelset(&all, not_held[i]);
	if (sigprocmask(SIG_SETMASK, &all, &l->mask_before) < 0)
		return err_sys(e, "hold signals back");
	/* A child that is gone shows as EPIPE; its report says why. */
	l->pipe_before = signal(SIGPIPE, SIG_IGN);
	/* Inherited as ignored, children would vanish before they can be waited for. */
	signal(SIGCHLD, SIG_DFL);
	return 0;
}

static void release_signals(struct live *l)
{
	signal(SIGPIPE, l->pipe_before);
	sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
}

static int check_source(const struct plan_mount *m, struct err *e)
{
	const char *what = m->device ? "device" : "volume source";
	struct stat st;

	if (stat(m->source, &st) < 0) {
		err_sys(e, "%s %s", what, m->source);
		if (m->device)
			return err_hint(e, "ls -l /dev shows what this host has");
		if (errno == ENOENT)
			return err_hint(e, "make it first: mkdir -p '%s'", m->source);
		return err_hint(e, "it must be readable by you: rlc has no more rights");
	}
	/* A folder of the user's own would come without what -v keeps out of it. */
	if (!m->device || S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) ||
	    (S_ISDIR(st.st_mode) && path_is_beneath(m->source, "/dev")))
		return 0;
	err_msg(e, "device %s is no device", m->source);
	return err_hint(e, "for files and folders: -v %s:%s", m->source, m->target);
}

/* Before anything exists: a wrong path is the user's most common mistake. */
static int check_sources(struct live *l, struct err *e)
{
	const struct plan *p = l->plan;
	struct stat st;

	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].kind == PLAN_BIND && p->mounts[i].asked &&
		    check_source(&p->mounts[i], e) < 0)
			return -1;
	if (p->rootfs_dir && stat(p->rootfs_dir, &st) < 0) {
		err_sys(e, "--rootfs %s", p->rootfs_dir);
		return err_hint(e,
				"name a folder that holds bin, etc, usr …; an image goes without "
				"--rootfs");
	}
	if (p->rootfs_dir && !S_ISDIR(st.st_mode)) {
		err_msg(e, "--rootfs %s is not a folder", p->rootfs_dir);
		return err_hint(e, "make an image of an archive: rlc import %s NAME",
				p->rootfs_dir);
	}
	return 0;
}

/* Without --rm somebody may ask later, and in the background nobody else listens. */
static bool wants_log(const struct live *l)
{
	return !l->plan->remove || l->plan->detach;
}

static void fill_record(struct live *l)
{
	const struct plan *p = l->plan;

	l->record = (struct record){
	    .id = xstrdup(p->id),
	    .name = xstrdup_null(p->name),
	    .image_id = xstrdup_null(p->image_id),
	    .image_name = xstrdup_null(p->image_name),
	    .rootfs = xstrdup_null(p->rootfs_dir),
	    .cidfile = xstrdup_null(p->cidfile),
	    .stop_signal = p->stop_signal,
	    .stop_timeout = p->stop_timeout,
	    .remove = p->remove,
	    .terminal = p->terminal,
	    .created_ns = now_ns(),
	    .config_json = plan_to_oci(p),
	};
	/* A copy needs them no more; an image may go before it. */
	if (p->driver != &rootfs_copy)
		strv_copy(&l->record.layers, &p->layers);
	strv_copy(&l->record.args, &p->args);
	strv_copy(&l->record.labels, &p->labels);
	for (size_t i = 0; i < l->ports.n; i++)
		strv_take(&l->record.ports, portmap_format(&l->ports.v[i]));
	if (wants_log(l))
		l->record.log_path = xasprintf("%s/%s/ctr.log", p->data, p->container_dir);
}

static bool is_slow(const struct live *l)
{
	return l->plan->driver && l->plan->driver->slow;
}

static void drop_record(struct live *l)
{
	struct err ignored;

	(void)record_remove_held(l->dirs, &l->record, &ignored); /* the first error is told */
	record_free(&l->record);
	close(l->lock);
}

static int make_record(struct live *l, struct err *e)
{
	fill_record(l);
	l->lock = record_create(l->dirs, &l->record, !l->plan->remove, e);
	if (l->lock < 0) {
		record_free(&l->record);
		return -1;
	}
	/* Killed while it starts, which may take seconds, its control group is to be found. */
	if (is_slow(l) && l->state.cgroup[0] &&
	    record_set_state(l->dirs, l->plan->id, &l->state, e) < 0) {
		drop_record(l);
		return -1;
	}
	return 0;
}

static bool wants_cidfile(const struct live *l)
{
	return l->plan->cidfile != NULL;
}

static int write_cidfile(struct live *l, struct err *e)
{
	const char *path = l->plan->cidfile;
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST) {
		err_msg(e, "the cidfile %s exists", path);
		return err_hint(e, "another container may use it; remove it when none does");
	}
	if (fd >= 0 && fd_write_all(fd, l->plan->id, strlen(l->plan->id)) == 0)
		return 0;
	err_sys(e, "write the cidfile %s", path);
	if (fd >= 0)
		unlink(path);
	return -1;
}

static void drop_cidfile(struct live *l)
{
	unlink(l->plan->cidfile);
}

/* The driver's folders, owned by container root (which with real root is another id). */
static int make_layers(struct live *l, struct err *e)
{
	const struct plan *p = l->plan;
	const char *const *names = p->driver->folders;
	uid_t uid = (uid_t)idmap_uid_outside(&p->map, 0);
	gid_t gid = (gid_t)idmap_gid_outside(&p->map, 0);

	if (points_make(l->dirs, uid, gid, e) < 0)
		return -1;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("%s/%s", p->container_dir, names[i]);

		if (mkdirat(l->dirs->data_fd, path, 0755) < 0 ||
		    (p->map.direct &&
		     fchownat(l->dirs->data_fd, path, uid, gid, AT_SYMLINK_NOFOLLOW) < 0))
			return err_sys(e, "make %s/%s", p->data, path);
	}
	return 0;
}

static bool wants_layers(const struct live *l)
{
	return l->plan->driver != NULL;
}

static bool wants_server(const struct live *l)
{
	return l->plan->driver && l->plan->driver->program;
}

/* As the user, in her own namespaces: nobody else can put another in its place later. */
static int open_program(struct live *l, struct err *e)
{
	l->program = program_open(l->plan->program, e);
	return l->program < 0 ? -1 : 0;
}

static void close_program(struct live *l)
{
	if (l->program >= 0)
		close(take_fd(&l->program));
}

/* The mount point all launches use, each in its own namespace. */
static int make_mount_point(struct live *l, struct err *e)
{
	if (mkdirat(l->dirs->run_fd, "root", 0711) < 0 && errno != EEXIST)
		return err_sys(e, "make %s/root", l->plan->run);
	return 0;
}

static int open_log(struct live *l, struct err *e)
{
	l->log =
	    open(l->record.log_path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	return l->log < 0 ? err_sys(e, "open the log %s", l->record.log_path) : 0;
}

static void drop_log(struct live *l)
{
	if (l->log >= 0)
		close(take_fd(&l->log));
}

static int make_pipe(int *inner, int *outer, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe for the container's stdio");
	*inner = ends[1];
	*outer = ends[0];
	return 0;
}

/*
 * What can be opened anew through /proc/self/fd with other rights than it was opened with:
 * container root owns the caller's files, so "<file" would be writable and ">>file" readable.
 */
static bool is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode));
}

static int make_stdin(struct live *l, struct err *e)
{
	const struct plan *p = l->plan;

	if (p->interactive && !p->detach)
		/* The container reads, we write: the contrary of its outputs. */
		return is_file(STDIN_FILENO) ? make_pipe(&l->outer.in, &l->inner.in, e) : 0;
	l->inner.in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return l->inner.in < 0 ? err_sys(e, "open /dev/null") : 0;
}

/*
 * In the foreground with --rm and without -t the container has the caller's own stdio, files
 * excepted. A folder there would be a way out of the container's root, so it is refused.
 */
static int make_stdio(struct live *l, struct err *e)
{
	const struct plan *p = l->plan;
	bool own = p->remove && !p->detach;
	struct stat st;

	if (p->terminal)
		return 0;
	for (int fd = 0; !p->detach && fd < 3; fd++)
		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return err_msg(e, "descriptor %d is a folder of the host", fd);
	if (make_stdin(l, e) < 0)
		return -1;
	if ((!own || is_file(STDOUT_FILENO)) && make_pipe(&l->inner.out, &l->outer.out, e) < 0)
		return -1;
	if ((!own || is_file(STDERR_FILENO)) && make_pipe(&l->inner.err, &l->outer.err, e) < 0)
		return -1;
	return 0;
}

static void close_ends(struct stdio_ends *s)
{
	int *ends[] = {&s->in, &s->out, &s->err};

	for (size_t i = 0; i < array_len(ends); i++)
		if (*ends[i] >= 0)
			close(take_fd(ends[i]));
}

static void drop_stdio(struct live *l)
{
	close_ends(&l->inner);
	close_ends(&l->outer);
}

static void reap(pid_t pid)
{
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static bool wants_uplink(const struct live *l)
{
	return l->plan->network == NET_PRIVATE;
}

/* First of all that runs side by side: rlc-net takes as long as a start does until it serves. */
static int start_uplink(struct live *l, struct err *e)
{
	l->uplink = uplink_start(&l->plan->net, &l->gateway, e);
	return l->uplink < 0 ? -1 : 0;
}

static void drop_uplink(struct live *l)
{
	close(take_fd(&l->uplink));
}

static int start_setup(struct live *l, struct err *e)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, l->link) < 0)
		return err_sys(e, "make a socket to set-up");
	if (pipe2(l->report, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe for reports");
	l->setup = userns_clone(l->plan->namespaces, l->cgroup, &l->setup_pidfd, e);
	if (l->setup < 0)
		return -1;
	if (l->setup == 0)
		setup_main(l);
	close(take_fd(&l->link[1]));
	close(take_fd(&l->report[1]));
	close_ends(&l->inner);
	return 0;
}

static void stop_setup(struct live *l)
{
	int *ends[] = {&l->link[0], &l->report[0], &l->setup_pidfd, &l->init_pidfd, &l->pty};

	kill(l->setup, SIGKILL);
	reap(l->setup);
	if (l->init > 0) {
		kill(l->init, SIGKILL);
		reap(l->init);
	}
	for (size_t i = 0; i < array_len(ends); i++)
		if (*ends[i] >= 0)
			close(take_fd(ends[i]));
}

/* A map that could not be written may be that of a set-up which had ended: its word counts. */
static int map_failed(struct live *l, struct err *e)
{
	struct pollfd p = {.fd = l->report[0], .events = POLLIN};
	struct err told;

	if (poll(&p, 1, 0) == 1 && read(l->report[0], &told, sizeof(told)) == (ssize_t)sizeof(told))
		*e = told;
	return -1;
}

/* The helpers take a millisecond and a half, in which the record is made. */
static int start_map(struct live *l, struct err *e)
{
	return idmap_start(&l->plan->map, l->setup, &l->mapping, e) < 0 ? map_failed(l, e) : 0;
}

static void abandon_map(struct live *l)
{
	struct err ignored;

	(void)idmap_wait(&l->mapping, &ignored); /* set-up is about to be killed */
}

/*
 * Where a start takes seconds, what would end any other program ends it too; elsewhere signals are
 * for the container, which will run before a person has taken the finger off the key.
 */
static int wait_for_report(const struct live *l, struct err *e)
{
	const struct slow_start s = {.image = l->plan->image_name,
				     .size = l->plan->image_size,
				     .no_other = l->plan->driver_why,
				     .watched = isatty(STDERR_FILENO)};

	return is_slow(l) ? slow_start_wait(&s, l->report[0], e) : 0;
}

/* Why the children ended: their own report, or how they died. */
static int read_report(struct live *l, bool must_be_there, struct err *e)
{
	struct err told;
	ssize_t n = fd_read_full(l->report[0], &told, sizeof(told));
	int status = 0;

	if (n == (ssize_t)sizeof(told)) {
		*e = told;
		return -1;
	}
	if (!must_be_there)
		return 0;
	while (waitpid(l->setup, &status, 0) < 0 && errno == EINTR)
		;
	l->setup = 0;
	if (WIFSIGNALED(status))
		return err_msg(e, "set-up was killed by signal %d", WTERMSIG(status));
	return err_msg(e, "set-up ended without a word");
}

static int finish_map(struct live *l, struct err *e)
{
	char go = 'M';

	if (idmap_wait(&l->mapping, e) < 0)
		return map_failed(l, e);
	if (fd_write_all(l->link[0], &go, 1) < 0)
		return read_report(l, true, e);
	return 0;
}

static int receive_server(struct live *l, struct err *e)
{
	struct rootfs_server *s = &l->server;

	if (fd_recv(l->link[0], &s->pid, sizeof(s->pid), &s->pidfd) == (ssize_t)sizeof(s->pid)) {
		close_program(l);
		return 0;
	}
	s->pid = 0;
	return read_report(l, true, e);
}

static void stop_server(struct live *l)
{
	(void)pidfd_send_signal(l->server.pidfd, SIGKILL, NULL, 0); /* gone already */
	reap(l->server.pid);
	rootfs_server_close(&l->server);
	l->server.pid = 0;
}

static int receive_init(struct live *l, struct err *e)
{
	char byte;

	if (fd_recv(l->link[0], &l->init, sizeof(l->init), &l->init_pidfd) !=
	    (ssize_t)sizeof(l->init)) {
		l->init = 0;
		return read_report(l, true, e);
	}
	if (l->plan->terminal && fd_recv(l->link[0], &byte, 1, &l->pty) != 1)
		return read_report(l, true, e);
	/* End of file without a report: init's end of the pipe closed itself by exec. */
	if (wait_for_report(l, e) < 0 || read_report(l, false, e) < 0)
		return -1;
	reap(l->setup);
	close(take_fd(&l->report[0]));
	close(take_fd(&l->link[0]));
	close(take_fd(&l->setup_pidfd));
	return 0;
}

static int note_running(struct live *l, struct err *e)
{
	if (l->layers_lock >= 0)
		close(take_fd(&l->layers_lock));
	l->state.status = STATUS_RUNNING;
	l->state.pid = l->init;
	process_note_start(&l->state);
	l->state.monitor_pid = getpid();
	l->state.started_ns = now_ns();
	return record_set_state(l->dirs, l->plan->id, &l->state, e);
}

const struct stage host_stages[] = {
    {"signals", NULL, hold_signals, release_signals},
    {"sources", NULL, check_sources, NULL},
    {"ports", ports_wanted, ports_listen, ports_unlisten},
    {"mount-point", NULL, make_mount_point, NULL},
    {"program", wants_server, open_program, close_program},
    {"scope", host_wants_scope, host_enter_scope, host_leave_scope},
    {"cgroup", host_wants_cgroup, host_make_cgroup, host_drop_cgroup},
    {"stdio", NULL, make_stdio, drop_stdio},
    {"uplink", wants_uplink, start_uplink, drop_uplink},
    {"set-up", NULL, start_setup, stop_setup},
    {"map", NULL, start_map, abandon_map},
    {"record", NULL, make_record, drop_record},
    {"cidfile", wants_cidfile, write_cidfile, drop_cidfile},
    {"layers", wants_layers, make_layers, NULL},
    {"log", wants_log, open_log, drop_log},
    {"ids", NULL, finish_map, NULL},
    {"forwarder", ports_wanted, ports_start, ports_stop},
    {"server", wants_server, receive_server, stop_server},
    {"init", NULL, receive_init, NULL},
    {"running", NULL, note_running, NULL},
    {0},
};
