/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set-up: root of the new user namespace. It builds the container's mount tree, starts an init that
 * confines itself, and changes the root on that init's behalf. It never runs a byte of the image;
 * what it reads of it (passwd, group) goes through pure parsers.
 */
#include "cmd/launch/live.h"
#include "cmd/launch/setup_mounts.h"
#include "cmd/launch/uplink.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/str.h"
#include "lib/kernel/loopback.h"
#include "lib/kernel/mount.h"
#include "lib/kernel/pivot.h"
#include "lib/kernel/pty.h"
#include "lib/kernel/spawn.h"
#include "lib/kernel/userns.h"
#include "lib/launch/stage.h"
#include "lib/launch/wire.h"
#include "lib/state/libexec.h"
#include "storage/points.h"
#include "storage/rootfs.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { PASSWD_MAX = 8 << 20 };

/*
 * Should: end with its launcher, hold only the descriptors named here, be root of the namespace.
 * Mustn't: keep the record's lock, or a signal mask the container would inherit.
 */
static int enter(struct live *l, struct err *e)
{
	const int keep[] = {l->link[1],	  l->report[1], l->inner.in, l->inner.out,
			    l->inner.err, l->uplink,	l->program};

	(void)e;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd_close_all_but(STDERR_FILENO + 1, keep, array_len(keep));
	sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
	return 0;
}

/* All before this needs capabilities only, and is done while the map helpers still run. */
static int become_root(struct live *l, struct err *e)
{
	return userns_enter(l->link[1], e);
}

static int isolate(struct live *l, struct err *e)
{
	l->by_move = pivot_root_is_initramfs();
	return userns_isolate(l->plan->propagate, e);
}

/* Here and not in clone3: the namespace's root is the group we stand in when it is made. */
static int own_cgroup_namespace(struct live *l, struct err *e)
{
	(void)l;
	if (unshare(CLONE_NEWCGROUP) < 0)
		return err_sys(e, "make a cgroup namespace");
	return 0;
}

static bool has_hostname(const struct live *l)
{
	return l->plan->hostname != NULL;
}

static int set_hostname(struct live *l, struct err *e)
{
	if (sethostname(l->plan->hostname, strlen(l->plan->hostname)) < 0)
		return err_sys(e, "set the host name %s", l->plan->hostname);
	return 0;
}

static bool has_own_network(const struct live *l)
{
	return (l->plan->namespaces & CLONE_NEWNET) != 0;
}

static int raise_loopback(struct live *l, struct err *e)
{
	(void)l;
	return loopback_up(e);
}

static bool has_uplink(const struct live *l)
{
	return l->plan->network == NET_PRIVATE;
}

static int make_tap(struct live *l, struct err *e)
{
	if (uplink_make_tap(&l->plan->net, l->uplink, e) < 0)
		return -1;
	close(take_fd(&l->uplink));
	return 0;
}

static int allow_ping(struct live *l, struct err *e)
{
	(void)e;
	uplink_allow_ping((unsigned int)idmap_gid_count(&l->plan->map) - 1);
	return 0;
}

static struct mount_binding bound_root(const struct plan *p)
{
	return (struct mount_binding){.source = p->rootfs_dir,
				      .name = "/",
				      .recursive = true,
				      .flags = MS_NODEV,
				      .propagation = MS_PRIVATE,
				      .no_links = true};
}

/*
 * While we still are who called: with real root, container root need not be able to reach the
 * folders by their paths. Anew, since a mount needs descriptors of this mount namespace.
 */
static int open_places(struct live *l, struct err *e)
{
	const struct plan *p = l->plan;
	const struct mount_binding bound = bound_root(p);

	l->run = open(p->run, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->run < 0)
		return err_sys(e, "open %s", p->run);
	l->data = open(p->data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->data < 0)
		return err_sys(e, "open %s", p->data);
	if (p->driver)
		return 0;
	l->rootfs = mount_bind_open(&bound, e);
	return l->rootfs < 0 ? err_ctx(e, "--rootfs") : 0;
}

/* Where the root is mounted, as a path; owned by the caller. */
static char *mount_point(const struct live *l)
{
	return xasprintf("/proc/self/fd/%d/root", l->run);
}

/*
 * Texts such as /etc/hosts live in a small tmpfs that ends with the container: nothing to clean up
 * on the host, nothing of the host's paths to be seen inside.
 */
static int make_files(struct live *l, struct err *e)
{
	const struct plan *p = l->plan;
	auto_free char *at = mount_point(l);
	auto_fd int point = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC), folder = -1;

	if (point < 0)
		return err_sys(e, "open the mount point %s/root", p->run);
	if (mount_new("tmpfs", point, "the generated files", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		      "mode=755,size=1m", e) < 0)
		return -1;
	folder = open(at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < p->n_files; i++) {
		const struct plan_file *f = &p->files[i];
		auto_fd int fd =
		    openat(folder, f->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		auto_free char *path = xasprintf("%s/%s", at, f->name);

		if (fd < 0 || fchmod(fd, 0644) < 0 ||
		    fd_write_all(fd, f->text, strlen(f->text)) < 0)
			return err_sys(e, "write the container's %s", f->name);
		l->files[i] = mount_clone(path, 0, e);
		if (l->files[i] < 0)
			return -1;
	}
	/* The copies keep the file system alive; the mount point is wanted for the root. */
	if (umount2(at, MNT_DETACH) < 0)
		return err_sys(e, "unmount %s/root", p->run);
	return 0;
}

static struct rootfs_source root_source(const struct live *l)
{
	const struct plan *p = l->plan;

	return (struct rootfs_source){
	    .layers = &p->layers,
	    .points = points_folder,
	    .container = p->container_dir,
	    .is_volatile = p->is_volatile,
	    .program = l->program,
	};
}

static bool is_served(const struct live *l)
{
	return l->plan->driver && l->plan->driver->serve;
}

/* Before init is started: what it holds of the tree's file system must not outlive the container.
 */
static int start_server(struct live *l, struct err *e)
{
	const struct rootfs_source source = root_source(l);

	if (fchdir(l->data) < 0)
		return err_sys(e, "enter %s", l->plan->data);
	if (l->plan->driver->serve(&source, &l->server, e) < 0)
		return -1;
	close(take_fd(&l->program));
	if (fd_send(l->link[1], &l->server.pid, sizeof(pid_t), l->server.pidfd) < 0)
		return err_sys(e, "tell the launcher of the root's process");
	return chdir("/") < 0 ? err_sys(e, "enter /") : 0;
}

static int mount_root(struct live *l, struct err *e)
{
	const struct plan *p = l->plan;
	auto_free char *at = mount_point(l);
	const struct rootfs_source source = root_source(l);
	auto_fd int point = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (point < 0)
		return err_sys(e, "open the mount point %s/root", p->run);
	if (fchdir(l->data) < 0)
		return err_sys(e, "enter %s", p->data);
	if (p->driver) {
		if (p->driver->mount(&source, &l->server, at, e) < 0)
			return -1;
	} else if (mount_attach(l->rootfs, point, "/", e) < 0) {
		return err_ctx(e, "--rootfs");
	}
	/* Nothing of ours may stand in the old root when it goes. */
	if (chdir("/") < 0)
		return err_sys(e, "enter /");
	l->root = open(at, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->root < 0)
		return err_sys(e, "open the container's root");
	return 0;
}

/* A text of the image, "" when it has none; a fifo or a device in its place is not waited for. */
static int read_of_image(const struct live *l, const char *path, char **ret, struct err *e)
{
	auto_fd int fd = path_open_in(l->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		*ret = xstrdup("");
		return 0;
	}
	return file_read_fd(fd, path, PASSWD_MAX, ret, NULL, e);
}

static int check_mapped(const struct live *l, struct err *e)
{
	const struct plan *p = l->plan;

	if (idmap_uid_outside(&p->map, l->user.uid) >= 0 &&
	    idmap_gid_outside(&p->map, l->user.gid) >= 0)
		return 0;
	err_msg(e, "user %u:%u of the container is beyond the ids it has (%llu)", l->user.uid,
		l->user.gid, (unsigned long long)idmap_uid_count(&p->map));
	if (p->map.single)
		return err_hint(e, "%s", p->map.why_single);
	return err_hint(e, "give the user more: sudo usermod --add-subuids … --add-subgids …, "
			   "or choose --user below that number");
}

static int find_user(struct live *l, struct err *e)
{
	auto_free char *passwd = NULL, *group = NULL;

	if (read_of_image(l, "/etc/passwd", &passwd, e) < 0 ||
	    read_of_image(l, "/etc/group", &group, e) < 0 ||
	    user_resolve(l->plan->user, &l->plan->group_add, passwd, group, &l->user, e) < 0)
		return -1;
	return check_mapped(l, e);
}

static int make_workdir(struct live *l, struct err *e)
{
	auto_fd int fd = -1;

	if (l->plan->makes_workdir && (fd = path_make_in(l->root, l->plan->workdir, true)) < 0)
		return err_sys(e, "make the working folder %s in the container", l->plan->workdir);
	return 0;
}

static bool wants_terminal(const struct live *l)
{
	return l->plan->terminal;
}

/* In the container's own devpts: its terminals are not the host's. */
static int open_terminal(struct live *l, struct err *e)
{
	int unlock = 0;

	l->pty = path_open_in(l->root, "/dev/ptmx", O_RDWR | O_NOCTTY, 0);
	if (l->pty < 0)
		return err_sys(e, "open a terminal in the container");
	if (ioctl(l->pty, TIOCSPTLCK, &unlock) < 0)
		return err_sys(e, "unlock the container's terminal");
	/* The first thing a program may ask for; the monitor follows it from then on. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd)) {
			(void)pty_copy_size(fd, l->pty); /* no size is what a pty has anyway */
			break;
		}
	/* By ioctl and not by name: a path could be the image's. */
	l->pty_peer = ioctl(l->pty, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (l->pty_peer < 0)
		return err_sys(e, "open the container's end of its terminal");
	if (fchown(l->pty_peer, l->user.uid, (gid_t)-1) < 0)
		return err_sys(e, "give the terminal to user %u", l->user.uid);
	return setup_mount_console(l, e);
}

/* Before init exists: it hides its /proc entry from us. */
static int set_oom_score(struct live *l, struct err *e)
{
	char text[16];
	auto_fd int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	snprintf(text, sizeof(text), "%d", l->plan->oom_score_adj);
	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		return err_sys(e, "set oom_score_adj to %s", text);
	return 0;
}

static bool wants_oom_score(const struct live *l)
{
	return l->plan->oom_score_adj != 0;
}

/*
 * The file of rlc-init may belong to the container's root (installed in the user's home): executed
 * from a read-only mount, /proc/1/exe can never be written (class of CVE-2019-5736).
 */
static int open_self(struct live *l, struct err *e)
{
	auto_free char *path = libexec_path("rlc-init");

	l->self = mount_clone(path, MS_RDONLY | MS_NOSUID | MS_NODEV, e);
	if (l->self >= 0)
		return 0;
	return err_hint(e, "install rlc whole: ninja install puts it there");
}

static struct wire_caps caps_for(const struct plan *p, uint32_t uid)
{
	if (uid == 0)
		return (struct wire_caps){
		    .bounding = p->caps, .permitted = p->caps, .effective = p->caps};
	/* Podman: another user gets what --cap-add names and no more. */
	return (struct wire_caps){.bounding = p->caps,
				  .permitted = p->caps_added,
				  .effective = p->caps_added,
				  .inheritable = p->caps_added,
				  .ambient = p->caps_added};
}

static void *make_order(const struct live *l, size_t *ret_size, struct err *e)
{
	const struct plan *p = l->plan;
	auto_strv struct strv env = {0};
	auto_free struct wire_rlimit *limits = xcalloc(p->n_rlimits, sizeof(*limits));
	struct stat st;
	struct init_order o = {
	    .rlimits = limits,
	    .insns = l->filter.insns,
	    .groups = l->user.groups,
	    .args = (const char *const *)strv_list(&p->args),
	    .workdir = p->workdir,
	};

	if (fstat(l->root, &st) < 0) {
		err_sys(e, "stat the container's root");
		return NULL;
	}
	strv_copy(&env, &p->env);
	if (!p->home_from_env) {
		auto_free char *home = xasprintf("HOME=%s", l->user.home);

		strv_env_set(&env, home);
	}
	for (size_t i = 0; i < p->n_rlimits; i++)
		limits[i] = (struct wire_rlimit){p->rlimits[i].soft, p->rlimits[i].hard,
						 (uint32_t)p->rlimits[i].resource, 0};
	o.env = (const char *const *)strv_list(&env);
	o.head = (struct wire_head){
	    .flags = INIT_MOUNT_PROC | (p->no_new_privs ? INIT_NO_NEW_PRIVS : 0U) |
		     (p->terminal ? INIT_TERMINAL : 0U) | (p->init ? INIT_REAPER : 0U) |
		     (p->map.single ? INIT_NO_SETGROUPS : 0U) |
		     (p->seccomp ? 0U : INIT_KEYS_REFUSED) | (l->by_move ? INIT_SHARES_FS : 0U),
	    .caps = caps_for(p, l->user.uid),
	    .root_dev = st.st_dev,
	    .root_ino = st.st_ino,
	    .uid = l->user.uid,
	    .gid = l->user.gid,
	    .umask = p->umask,
	    .seccomp_flags = l->filter.flags,
	    .n_rlimits = (uint32_t)p->n_rlimits,
	    .n_insns = (uint32_t)l->filter.n,
	    .n_groups = (uint32_t)l->user.n_groups,
	};
	/* chroot by CAP_SYS_CHROOT is the one way back out of a root that was not pivoted. */
	if (l->by_move)
		o.head.caps.bounding &= ~(UINT64_C(1) << 18);
	return wire_encode(&o, ret_size);
}

/* What init's process reads while set-up goes on: a copy that nobody changes. */
struct birth {
	int stdio[3];
	int given[3]; /* in the order of enum init_fd */
	char stack[SPAWN_STACK] __attribute__((aligned(16)));
};

/*
 * In the new process, which shares set-up's memory: descriptors to their places, then rlc-init.
 * Only system calls; the error is of its own stack. Never returns.
 */
static int become_init(void *arg)
{
	const struct birth *b = arg;
	static const char *const argv[] = {"rlc-init", NULL}, *const env[] = {NULL};
	int high[array_len(b->given)];
	struct err e;

	/* First out of the way, so that no dup2 lands on one that is still needed. */
	for (size_t i = 0; i < array_len(b->given); i++)
		high[i] = fcntl(b->given[i], F_DUPFD_CLOEXEC, 64);
	for (int i = 0; i < 3; i++)
		if (b->stdio[i] >= 0 && dup2(b->stdio[i], i) < 0)
			_exit(EXIT_LAUNCHER);
	for (size_t i = 0; i < array_len(b->given); i++)
		if (dup2(high[i], INIT_FD_CONTROL + (int)i) < 0)
			_exit(EXIT_LAUNCHER);
	/* Set-up has closed what it inherited and opens everything close-on-exec: twice is safer.
	 */
	syscall(SYS_close_range, INIT_FD_SELF + 1, ~0U, 0);
	fcntl(INIT_FD_SELF, F_SETFD, FD_CLOEXEC);
	syscall(SYS_execveat, INIT_FD_SELF, "", argv, env, AT_EMPTY_PATH);
	err_sys(&e, "run rlc-init");
	(void)!write(INIT_FD_REPORT, &e, sizeof(e)); /* the host sees our end in any case */
	_exit(EXIT_LAUNCHER);
}

/*
 * Early: while set-up mounts, the other processor executes rlc-init, which waits for its order.
 * Should: make PID 1 of a new pid namespace a child of the launcher, which outlives set-up
 * (CLONE_PARENT). Mustn't: give it another mount namespace: then the pivot would move nothing and
 * it would run the host's programs; init checks.
 */
static int start_init(struct live *l, struct err *e)
{
	struct birth *b = xcalloc(1, sizeof(*b)); /* ends with set-up */
	int pidfd = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, l->control) < 0)
		return err_sys(e, "make a socket to init");
	*b = (struct birth){
	    .stdio = {l->inner.in, l->inner.out, l->inner.err},
	    .given = {l->control[1], l->report[1], l->self},
	};
	pid = spawn_shared(become_init, b, b->stack,
			   CLONE_NEWPID | CLONE_PARENT | CLONE_PIDFD | (l->by_move ? CLONE_FS : 0),
			   &pidfd);
	if (pid < 0)
		return err_sys(e, "make a pid namespace");
	close(take_fd(&l->control[1]));
	if (fd_send(l->link[1], &pid, sizeof(pid), pidfd) < 0) {
		err_sys(e, "tell the launcher of init");
		kill(pid, SIGKILL);
		return -1;
	}
	close(pidfd);
	return 0;
}

static int send_order(struct live *l, struct err *e)
{
	size_t size = 0;
	auto_free void *order = make_order(l, &size, e);

	if (!order)
		return -1;
	if (fd_write_all(l->control[0], order, size) < 0 ||
	    fd_send(l->control[0], "r", 1, l->root) < 0 ||
	    (l->plan->terminal && fd_send(l->control[0], "t", 1, l->pty_peer) < 0))
		return err_sys(e, "send init its order");
	return 0;
}

static int send_terminal(struct live *l, struct err *e)
{
	if (fd_send(l->link[1], "t", 1, l->pty) < 0)
		return err_sys(e, "hand the terminal to the launcher");
	return 0;
}

static int wait_for(const struct live *l, enum barrier b, struct err *e)
{
	char byte;

	if (fd_read_full(l->control[0], &byte, 1) == 1 && byte == (char)b)
		return 0;
	/* It has written why to the report pipe, before us: that one is shown. */
	return err_msg(e, "init ended before it was ready");
}

static int mask(struct live *l, struct err *e)
{
	if (wait_for(l, BARRIER_PROC, e) < 0)
		return -1;
	return setup_masks(l, e);
}

static bool is_read_only(const struct live *l)
{
	return l->plan->read_only;
}

static int make_read_only(struct live *l, struct err *e)
{
	return mount_restrict(l->root, "/", MS_RDONLY, e);
}

/*
 * Should: change the root only when init has given up everything (it says so after seccomp and
 * capset returned). Mustn't: let init go on before the old root is detached.
 */
static int pivot(struct live *l, struct err *e)
{
	char go = BARRIER_PIVOTED;

	if (wait_for(l, BARRIER_CONFINED, e) < 0)
		return -1;
	if ((l->by_move ? pivot_by_move(l->root, e) : pivot_into(l->root, e)) < 0)
		return -1;
	if (fd_write_all(l->control[0], &go, 1) < 0)
		return err_sys(e, "let init go on");
	return 0;
}

const struct stage setup_stages[] = {
    {"enter", NULL, enter, NULL},
    {"isolate", NULL, isolate, NULL},
    {"cgroup-namespace", NULL, own_cgroup_namespace, NULL},
    {"hostname", has_hostname, set_hostname, NULL},
    {"loopback", has_own_network, raise_loopback, NULL},
    {"network", has_uplink, make_tap, NULL},
    {"places", NULL, open_places, NULL},
    {"self", NULL, open_self, NULL},
    {"sources", NULL, setup_sources, NULL},
    {"ids", NULL, become_root, NULL},
    {"ping", has_uplink, allow_ping, NULL},
    {"oom-score", wants_oom_score, set_oom_score, NULL},
    {"server", is_served, start_server, NULL},
    {"init", NULL, start_init, NULL},
    {"files", NULL, make_files, NULL},
    {"root", NULL, mount_root, NULL},
    {"mounts", NULL, setup_mounts, NULL},
    {"user", NULL, find_user, NULL},
    {"volume-owners", NULL, setup_volume_owners, NULL},
    {"workdir", NULL, make_workdir, NULL},
    {"terminal", wants_terminal, open_terminal, NULL},
    {"send-terminal", wants_terminal, send_terminal, NULL},
    {"order", NULL, send_order, NULL},
    {"mask", NULL, mask, NULL},
    {"read-only", is_read_only, make_read_only, NULL},
    {"pivot", NULL, pivot, NULL},
    {0},
};

void setup_main(struct live *l)
{
	struct err e = {0};

	if (stages_run(setup_stages, l, &e) == 0)
		_exit(0);
	(void)!write(l->report[1], &e, sizeof(e)); /* the host sees our end in any case */
	_exit(EXIT_LAUNCHER);
}
