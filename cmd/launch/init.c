/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Init: PID 1 of the container, the whole of the program rlc-init (libc only, static). It gives up
 * everything first, waits until set-up has changed the root on its behalf, makes sure of it, and
 * executes the container's command.
 */
#include "cmd/launch/init.h"

#include "cmd/launch/reaper.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/path.h"
#include "lib/kernel/confine.h"
#include "lib/kernel/fix.h"
#include "lib/kernel/mount.h"
#include "lib/launch/stage.h"
#include "lib/launch/wire.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct live {
	struct init_order order;
	void *bytes, *owned; /* what order points into */
	int root;	     /* O_PATH of the container's root */
	int workdir;	     /* to be entered once the root was changed, or -1 */
	bool is_child;	     /* with a reaper: the process that executes the command */
};

/*
 * Should: end with the launcher, be invisible to ptrace and /proc until the exec, start from
 * default signals. Mustn't: hold descriptors beyond enum init_fd (set-up closed them).
 */
static int enter(struct live *l, struct err *e)
{
	struct pollfd reader = {.fd = INIT_FD_REPORT};
	sigset_t none;

	(void)l;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	/* The launcher may have ended before the line above: then nobody reads our reports. */
	if (poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR))
		return err_msg(e, "the launcher is gone");
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = INIT_FD_CONTROL; fd <= INIT_FD_REPORT; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
			return err_sys(e, "descriptor %d is missing: rlc-init is started by rlc",
				       fd);
	return 0;
}

static int read_order(struct live *l, struct err *e)
{
	uint64_t size;

	if (fd_read_full(INIT_FD_CONTROL, &size, sizeof(size)) != sizeof(size) || size > WIRE_MAX)
		return err_msg(e, "no order came from set-up");
	l->bytes = xcalloc(1, size);
	if (fd_read_full(INIT_FD_CONTROL, l->bytes, size) != (ssize_t)size)
		return err_msg(e, "the order from set-up ends too early");
	return wire_decode(l->bytes, size, &l->order, &l->owned, e);
}

static int receive(int *ret, const char *what, struct err *e)
{
	char byte;

	if (fd_recv(INIT_FD_CONTROL, &byte, 1, ret) != 1 || *ret < 0)
		return err_msg(e, "set-up did not send %s", what);
	return 0;
}

static int receive_root(struct live *l, struct err *e)
{
	return receive(&l->root, "the root", e);
}

static bool has_terminal(const struct live *l)
{
	return (l->order.head.flags & INIT_TERMINAL) != 0;
}

static int receive_terminal(struct live *l, struct err *e)
{
	auto_fd int terminal = -1;

	(void)l;
	if (receive(&terminal, "the terminal", e) < 0)
		return -1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(terminal, fd) < 0)
			return err_sys(e, "put the terminal on descriptor %d", fd);
	return 0;
}

static int say(enum barrier b, struct err *e)
{
	char byte = (char)b;

	if (fd_write_all(INIT_FD_CONTROL, &byte, 1) < 0)
		return err_sys(e, "tell set-up");
	return 0;
}

/* Here, since procfs belongs to the pid namespace of who mounts it; then set-up masks it. */
static int mount_proc(struct live *l, struct err *e)
{
	auto_fd int target = path_open_in(l->root, "/proc", O_PATH | O_DIRECTORY, 0);

	if (target < 0)
		return err_sys(e, "open /proc in the container");
	if (mount_new("proc", target, "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, e) < 0) {
		if (e->sys == EPERM)
			err_fix(e, FIX_PROC_MASKED);
		return -1;
	}
	return say(BARRIER_PROC, e);
}

static bool wants_proc(const struct live *l)
{
	return (l->order.head.flags & INIT_MOUNT_PROC) != 0;
}

/*
 * A session of its own: without a controlling terminal, TIOCSTI cannot type into the caller's
 * (class of CVE-2017-5226). With a reaper the command's process does this.
 */
static int own_session(struct err *e)
{
	if (setsid() < 0)
		return err_sys(e, "start a session");
	return 0;
}

static int take_terminal(struct err *e)
{
	if (ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		return err_sys(e, "make the terminal the controlling one");
	return 0;
}

static bool wants_reaper(const struct live *l)
{
	return (l->order.head.flags & INIT_REAPER) != 0;
}

static int session(struct live *l, struct err *e)
{
	if (own_session(e) < 0)
		return -1;
	if (has_terminal(l) && !wants_reaper(l))
		return take_terminal(e);
	return 0;
}

static int limits(struct live *l, struct err *e)
{
	const struct init_order *o = &l->order;

	umask(o->head.umask);
	for (uint32_t i = 0; i < o->head.n_rlimits; i++) {
		struct rlimit r = {o->rlimits[i].soft, o->rlimits[i].hard};

		if (setrlimit((int)o->rlimits[i].resource, &r) == 0)
			continue;
		err_sys(e, "set limit %u to %llu:%llu", o->rlimits[i].resource,
			(unsigned long long)r.rlim_cur, (unsigned long long)r.rlim_max);
		return err_hint(e, "an unprivileged user cannot go above the hard limit that "
				   "`ulimit -H` shows");
	}
	return 0;
}

/* Should: leave only the plan's capabilities and ids. Mustn't: do so before /proc is mounted. */
static int give_up_ids(struct live *l, struct err *e)
{
	const struct wire_head *h = &l->order.head;

	if (confine_bounding(h->caps.bounding, e) < 0)
		return -1;
	if (!(h->flags & INIT_NO_SETGROUPS) && setgroups(h->n_groups, l->order.groups) < 0)
		return err_sys(e, "set supplementary groups");
	/* The permitted set must survive the change of uid until the filter is loaded. */
	if (prctl(PR_SET_KEEPCAPS, 1) < 0)
		return err_sys(e, "keep capabilities over setuid");
	if (syscall(SYS_setresgid, h->gid, h->gid, h->gid) < 0 ||
	    syscall(SYS_setresuid, h->uid, h->uid, h->uid) < 0)
		return err_sys(e, "become user %u:%u", h->uid, h->gid);
	/* A change of ids resets both. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	return 0;
}

/*
 * As the container's user, resolved inside the new root: a folder of the old root would stay
 * reachable after the pivot (class of CVE-2024-21626).
 */
static int enter_workdir(struct live *l, struct err *e)
{
	auto_fd int fd = path_open_in(l->root, l->order.workdir, O_PATH | O_DIRECTORY, 0);

	/* As podman: only an image's own is made where it is missing. */
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		err_msg(e, "workdir \"%s\" %s", l->order.workdir,
			errno == ENOENT ? "does not exist in the container"
					: "is not a folder in the container");
		err_hint(e, "take one that is there, or make it first: rlc run ... IMAGE sh -c "
			    "'mkdir -p FOLDER && cd FOLDER && ...'");
		return err_exit(e, EXIT_NOEXEC);
	}
	if (fd < 0 || fchdir(fd) < 0) {
		err_sys(e, "enter the working folder %s in the container", l->order.workdir);
		err_hint(e, "choose one the container's user may enter: --workdir, --user");
		return err_exit(e, EXIT_NOEXEC);
	}
	close(take_fd(&l->root));
	/* Set-up will change the folder that we share with it: once more, after that. */
	if (l->order.head.flags & INIT_SHARES_FS)
		l->workdir = take_fd(&fd);
	return 0;
}

/*
 * Without no_new_privs the kernel takes a filter only from a holder of CAP_SYS_ADMIN, so
 * capabilities end after it; with it they end first, and the filter is the last thing.
 */
static int confine(struct live *l, struct err *e)
{
	const struct wire_head *h = &l->order.head;
	struct confine_caps caps = {h->caps.permitted, h->caps.effective, h->caps.inheritable,
				    h->caps.ambient};

	if (confine_keyring((h->flags & INIT_KEYS_REFUSED) != 0, e) < 0 ||
	    confine_ambient(&caps, e) < 0)
		return -1;
	if (!(h->flags & INIT_NO_NEW_PRIVS))
		return confine_filter(l->order.insns, h->n_insns, h->seccomp_flags, e) < 0 ||
			       confine_caps_set(&caps, e) < 0
			   ? -1
			   : 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "set no_new_privs");
	if (confine_caps_set(&caps, e) < 0)
		return -1;
	return confine_filter(l->order.insns, h->n_insns, h->seccomp_flags, e);
}

/* Mustn't: do anything a strict filter would refuse; only read, write, stat, exec come now. */
static int wait_for_root(struct live *l, struct err *e)
{
	struct stat st;
	char byte;

	if (say(BARRIER_CONFINED, e) < 0)
		return -1;
	if (fd_read_full(INIT_FD_CONTROL, &byte, 1) != 1 || byte != BARRIER_PIVOTED)
		return err_msg(e, "set-up ended before the root was changed");
	/* In a wrong mount namespace nothing moved, and we would run the host's programs. */
	if (stat("/", &st) < 0)
		return err_sys(e, "stat /");
	if (st.st_dev != l->order.head.root_dev || st.st_ino != l->order.head.root_ino)
		return err_msg(e, "the root was not changed: / is not the container's");
	if (l->workdir < 0)
		return 0;
	if (fchdir(l->workdir) < 0)
		return err_sys(e, "enter the working folder %s in the container", l->order.workdir);
	close(take_fd(&l->workdir));
	return 0;
}

static int exec_error(const char *path, int sys, struct err *e)
{
	struct stat st;

	errno = sys;
	err_sys(e, "run %s in the container", path);
	err_exit(e, sys == ENOENT || sys == ENOTDIR ? EXIT_NOTFOUND : EXIT_NOEXEC);
	if (sys == ENOENT && strchr(path, '/') && stat(path, &st) == 0)
		return err_hint(e, "the file is there: the interpreter or dynamic loader it names "
				   "is not");
	if (sys == ENOENT || sys == ENOTDIR)
		return err_hint(e, "it is not in the image: look at the spelling and the image's "
				   "PATH, or try `sh`");
	if (sys == ENOEXEC)
		return err_hint(e, "neither a program for this machine nor a script that begins "
				   "with #!");
	if (sys == EACCES)
		return err_hint(e, "it must be a file (no folder) that the container's user may "
				   "execute, on a file system not mounted noexec");
	return -1;
}

/* execvpe(3) without its fallback to /bin/sh, over the container's own PATH. */
static int exec_command(const struct init_order *o, struct err *e)
{
	char *const *args = (char *const *)(uintptr_t)o->args;
	char *const *env = (char *const *)(uintptr_t)o->env;
	const char *path = "", *name = o->args[0];
	char full[4096];
	int worst = ENOENT;

	if (strchr(name, '/')) {
		execve(name, args, env);
		return exec_error(name, errno, e);
	}
	for (size_t i = 0; o->env[i]; i++)
		if (strncmp(o->env[i], "PATH=", 5) == 0)
			path = o->env[i] + 5;
	while (*path) {
		size_t n = strcspn(path, ":");

		if (snprintf(full, sizeof(full), "%.*s/%s", (int)n, n ? path : ".", name) <
		    (int)sizeof(full)) {
			execve(full, args, env);
			if (errno != ENOENT && errno != ENOTDIR)
				worst = errno;
		}
		path += n + (path[n] == ':');
	}
	return exec_error(name, worst, e);
}

static int start_child(struct live *l, struct err *e)
{
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(e, "start the command beneath the reaper");
	if (pid > 0) {
		close(INIT_FD_CONTROL);
		close(INIT_FD_REPORT);
		_exit(reaper_run(pid));
	}
	l->is_child = true;
	if (own_session(e) < 0)
		return -1;
	return has_terminal(l) ? take_terminal(e) : 0;
}

static int run_command(struct live *l, struct err *e)
{
	return exec_command(&l->order, e);
}

const struct stage init_stages[] = {
    {"enter", NULL, enter, NULL},
    {"order", NULL, read_order, NULL},
    {"receive-root", NULL, receive_root, NULL},
    {"receive-terminal", has_terminal, receive_terminal, NULL},
    {"proc", wants_proc, mount_proc, NULL},
    {"session", NULL, session, NULL},
    {"limits", NULL, limits, NULL},
    {"ids", NULL, give_up_ids, NULL},
    {"workdir", NULL, enter_workdir, NULL},
    {"confine", NULL, confine, NULL},
    {"root", NULL, wait_for_root, NULL},
    {"reaper", wants_reaper, start_child, NULL},
    {"exec", NULL, run_command, NULL},
    {0},
};

int init_main(void)
{
	struct live l = {.root = -1, .workdir = -1};
	struct err e = {0};

	(void)stages_run(init_stages, &l, &e); /* returns only with an error: success is exec */
	(void)!write(INIT_FD_REPORT, &e, sizeof(e)); /* the host sees our end in any case */
	return e.exit;
}
