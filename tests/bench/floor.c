/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that a start of a container can cost on this machine: the system calls of a run as
 * rlc's defaults ask for them, without a command line, a plan, a record or an image store. Times
 * each part; the medians of ROUNDS starts are printed, in microseconds.
 *
 *   floor [-1] [-n ROUNDS] [-g CGROUP] ROOTFS WORK PROGRAM…   -1: a single-id map, as bubblewrap
 * has floor -x FILE                                             writes the default seccomp program
 *
 * ROOTFS is the overlay's lower folder, WORK holds the upper ones, CGROUP a delegated group.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/kernel/idmap.h"
#include "seccomp/filter.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* Podman's eleven: CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE
 * SYS_CHROOT SETFCAP. */
static const uint64_t kept_caps = 0x800405fb;

struct floor {
	const char *rootfs, *work, *cgroup;
	char **argv;
	bool single;
	struct id_map map;
	struct filter filter;
	uint64_t *stamp; /* one for each part, shared with the child; [0] is the beginning */
};

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void must(int result, const char *what)
{
	if (result < 0)
		die(what);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- in the container's namespaces ----------------------------------------------------------- */

struct mount_row {
	const char *source, *target, *type;
	unsigned long flags;
	const char *data;
};

static void mount_rows(const struct mount_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		(void)mkdir(rows[i].target, 0755);
		must(mount(rows[i].source, rows[i].target, rows[i].type, rows[i].flags,
			   rows[i].data),
		     rows[i].target);
	}
}

static void become_root(const struct floor *f)
{
	(void)f;
	must(setresgid(0, 0, 0), "setresgid");
	must(setresuid(0, 0, 0), "setresuid");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
}

static void mount_overlay(const struct floor *f)
{
	auto_free char *data =
	    xasprintf("lowerdir=%s,upperdir=%s/u,workdir=%s/w,userxattr,volatile", f->rootfs,
		      f->work, f->work);
	auto_free char *at = xasprintf("%s/m", f->work);

	must(mount("overlay", at, "overlay", 0, data), "mount overlay");
	must(chdir(at), at);
}

static void mount_proc(const struct floor *f)
{
	static const struct mount_row rows[] = {
	    {"proc", "proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL},
	};

	(void)f;
	mount_rows(rows, array_len(rows));
}

static void make_dev(const struct floor *f)
{
	static const struct mount_row rows[] = {
	    {"tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=65536k"},
	};
	static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};
	char from[32], to[32];

	(void)f;
	mount_rows(rows, array_len(rows));
	for (size_t i = 0; i < array_len(nodes); i++) {
		snprintf(from, sizeof(from), "/dev/%s", nodes[i]);
		snprintf(to, sizeof(to), "dev/%s", nodes[i]);
		close(open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
		must(mount(from, to, NULL, MS_BIND, NULL), from);
	}
	must(symlink("/proc/self/fd", "dev/fd"), "dev/fd");
	must(symlink("/proc/self/fd/0", "dev/stdin"), "dev/stdin");
	must(symlink("/proc/self/fd/1", "dev/stdout"), "dev/stdout");
	must(symlink("/proc/self/fd/2", "dev/stderr"), "dev/stderr");
	must(symlink("pts/ptmx", "dev/ptmx"), "dev/ptmx");
}

static void mount_devpts(const struct floor *f)
{
	/* Group 5 (tty) is there only when more than one id is mapped. */
	const struct mount_row rows[] = {
	    {"devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	     f->single ? "newinstance,ptmxmode=0666,mode=0620"
		       : "newinstance,ptmxmode=0666,mode=0620,gid=5"},
	};

	mount_rows(rows, array_len(rows));
}

static void mount_others(const struct floor *f)
{
	static const unsigned long flags = MS_NOSUID | MS_NOEXEC | MS_NODEV;
	const struct mount_row rows[] = {
	    {"shm", "dev/shm", "tmpfs", flags, "mode=1777,size=65536k"},
	    {"mqueue", "dev/mqueue", "mqueue", flags, NULL},
	    {"sysfs", "sys", "sysfs", flags | MS_RDONLY, NULL},
	};

	(void)f;
	mount_rows(rows, array_len(rows));
}

static void mask_paths(const struct floor *f)
{
	static const char *const masked[] = {
	    "proc/acpi",       "proc/kcore",	   "proc/keys",	       "proc/latency_stats",
	    "proc/timer_list", "proc/timer_stats", "proc/sched_debug", "proc/scsi",
	    "sys/firmware",    "sys/fs/selinux",   "sys/dev/block",
	};
	static const char *const read_only[] = {
	    "proc/asound", "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger",
	};
	struct stat st;

	(void)f;
	for (size_t i = 0; i < array_len(masked); i++) {
		if (stat(masked[i], &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			must(mount("tmpfs", masked[i], "tmpfs", MS_RDONLY, "size=0k"), masked[i]);
		else
			must(mount("/dev/null", masked[i], NULL, MS_BIND, NULL), masked[i]);
	}
	for (size_t i = 0; i < array_len(read_only); i++) {
		if (stat(read_only[i], &st) < 0)
			continue;
		must(mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL), read_only[i]);
		must(mount(NULL, read_only[i], NULL,
			   MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
			   NULL),
		     read_only[i]);
	}
}

static void pivot(const struct floor *f)
{
	(void)f;
	must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount the old root");
	must(chdir("/"), "chdir /");
}

static void set_host_name(const struct floor *f)
{
	(void)f;
	must(sethostname("floor", 5), "sethostname");
}

static void raise_loopback(const struct floor *f)
{
	auto_fd int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	(void)f;
	must(ioctl(sock, SIOCSIFFLAGS, &r), "raise lo");
}

static void drop_caps(const struct floor *f)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {
	    {(uint32_t)kept_caps, (uint32_t)kept_caps, 0},
	    {(uint32_t)(kept_caps >> 32), (uint32_t)(kept_caps >> 32), 0},
	};

	(void)f;
	for (unsigned long cap = 0; cap <= CAP_LAST_CAP; cap++) {
		if (!(kept_caps >> cap & 1))
			must(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0), "drop a bounding capability");
	}
	must((int)syscall(SYS_capset, &head, data), "capset");
}

static void load_filter(const struct floor *f)
{
	struct sock_fprog program = {(unsigned short)f->filter.n, f->filter.insns};

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	must((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, f->filter.flags, &program),
	     "load the filter");
}

/* --- outside --------------------------------------------------------------------------------- */

static void wait_good(pid_t pid, const char *what)
{
	int status;

	must(waitpid(pid, &status, 0), what);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		errno = ECHILD;
		die(what);
	}
}

static pid_t spawn_helper(const char *name, pid_t pid, const struct id_range *ranges, size_t n)
{
	char text[3 * ID_RANGES_MAX][12], pid_text[12];
	char *argv[3 + 3 * ID_RANGES_MAX];
	auto_free char *path = idmap_helper_path(name);
	size_t used = 0;
	pid_t helper;

	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	argv[used++] = path;
	argv[used++] = pid_text;
	for (size_t i = 0; i < n; i++) {
		const uint32_t words[] = {ranges[i].inside, ranges[i].outside, ranges[i].count};

		for (size_t w = 0; w < array_len(words); w++) {
			snprintf(text[3 * i + w], sizeof(*text), "%u", words[w]);
			argv[used++] = text[3 * i + w];
		}
	}
	argv[used] = NULL;
	errno = path ? posix_spawn(&helper, path, NULL, NULL, argv, environ) : ENOENT;
	if (errno)
		die(name);
	return helper;
}

static void write_proc(pid_t pid, const char *name, const char *text)
{
	auto_free char *path = xasprintf("/proc/%d/%s", pid, name);
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		die(path);
}

static void write_maps(const struct floor *f, pid_t pid)
{
	char line[32];

	if (!f->single) {
		pid_t uids = spawn_helper("newuidmap", pid, f->map.uid, f->map.n_uid);
		pid_t gids = spawn_helper("newgidmap", pid, f->map.gid, f->map.n_gid);

		wait_good(uids, "newuidmap");
		wait_good(gids, "newgidmap");
		return;
	}
	snprintf(line, sizeof(line), "0 %u 1", getuid());
	write_proc(pid, "uid_map", line);
	write_proc(pid, "setgroups", "deny");
	snprintf(line, sizeof(line), "0 %u 1", getgid());
	write_proc(pid, "gid_map", line);
}

/* In order of time; those with a function are done by the child, in the container. */
static const struct {
	const char *name;
	void (*run)(const struct floor *f);
} parts[] = {
    {"folders, cgroup", NULL},
    {"clone3", NULL},
    {"id maps", NULL},
    {"become root", become_root},
    {"overlay", mount_overlay},
    {"proc", mount_proc},
    {"dev", make_dev},
    {"devpts", mount_devpts},
    {"shm, mqueue, sys", mount_others},
    {"masks", mask_paths},
    {"pivot_root", pivot},
    {"hostname", set_host_name},
    {"loopback", raise_loopback},
    {"capabilities", drop_caps},
    {"seccomp", load_filter},
    {"exec to reaped", NULL},
    {"clean-up", NULL},
};

enum { BEFORE_CHILD = 3, AFTER_CHILD = 15, PARTS = 17 };
_Static_assert(PARTS == array_len(parts), "the parts of the table");

static _Noreturn void child(const struct floor *f, int released)
{
	char byte;

	if (read(released, &byte, 1) != 1)
		_exit(1);
	for (size_t i = BEFORE_CHILD; i < AFTER_CHILD; i++) {
		parts[i].run(f);
		f->stamp[i + 1] = now_ns();
	}
	execv(f->argv[0], f->argv);
	die(f->argv[0]);
	_exit(1);
}

static const char *const folders[] = {"", "/u", "/w", "/m"};

static void make_folders(const struct floor *f)
{
	for (size_t i = 0; i < array_len(folders); i++) {
		auto_free char *path = xasprintf("%s%s", f->work, folders[i]);

		must(mkdir(path, 0755), path);
	}
	if (f->cgroup)
		must(mkdir(f->cgroup, 0755), f->cgroup);
}

/* What overlay leaves in an upper and a work folder of which nothing was written but mount points.
 */
static void remove_folders(const struct floor *f)
{
	static const char *const closed[] = {
	    "/w/work",
	    "/w/work/incompat",
	    "/w/work/incompat/volatile",
	};
	static const char *const left[] = {
	    "/w/work/incompat/volatile/dirty",
	    "/w/work/incompat/volatile",
	    "/w/work/incompat",
	    "/w/work",
	    "/w",
	    "/u/proc",
	    "/u/dev",
	    "/u/sys",
	    "/u",
	    "/m",
	    "",
	};

	/* The kernel makes its own folders with mode 0. */
	for (size_t i = 0; i < array_len(closed); i++) {
		auto_free char *path = xasprintf("%s%s", f->work, closed[i]);

		must(chmod(path, 0700), path);
	}
	for (size_t i = 0; i < array_len(left); i++) {
		auto_free char *path = xasprintf("%s%s", f->work, left[i]);

		if (remove(path) < 0 && errno != ENOENT)
			die(path);
	}
	if (f->cgroup)
		must(rmdir(f->cgroup), f->cgroup);
}

static void start(const struct floor *f)
{
	auto_fd int group = -1;
	struct clone_args args = {
	    .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
		     CLONE_NEWCGROUP | CLONE_NEWNET,
	    .exit_signal = SIGCHLD,
	};
	int gate[2];
	pid_t pid;

	f->stamp[0] = now_ns();
	make_folders(f);
	if (f->cgroup) {
		group = open(f->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)group;
	}
	must(pipe2(gate, O_CLOEXEC), "pipe");
	f->stamp[1] = now_ns();
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	must(pid, "clone3");
	if (pid == 0)
		child(f, gate[0]);
	f->stamp[2] = now_ns();
	write_maps(f, pid);
	f->stamp[3] = now_ns();
	must(fd_write_all(gate[1], "", 1), "release the child");
	wait_good(pid, f->argv[0]);
	f->stamp[AFTER_CHILD + 1] = now_ns();
	close(gate[0]);
	close(gate[1]);
	remove_folders(f);
	f->stamp[PARTS] = now_ns();
}

/* --- figures --------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void print_row(const char *name, uint64_t *ns, size_t rounds)
{
	qsort(ns, rounds, sizeof(*ns), by_number);
	printf("%-18s %8.0f %8.0f %8.0f\n", name, (double)ns[0] / 1e3, (double)ns[rounds / 2] / 1e3,
	       (double)ns[rounds - 1] / 1e3);
}

static void measure(struct floor *f, size_t rounds)
{
	uint64_t *ns = xcalloc((PARTS + 1) * rounds, sizeof(*ns));
	const char *work = f->work, *cgroup = f->cgroup;

	for (size_t round = 0; round < rounds; round++) {
		auto_free char *own_work = xasprintf("%s/%d.%zu", work, getpid(), round);
		auto_free char *own_cgroup =
		    cgroup ? xasprintf("%s/floor.%d.%zu", cgroup, getpid(), round) : NULL;

		f->work = own_work;
		f->cgroup = own_cgroup;
		start(f);
		for (size_t i = 0; i < PARTS; i++)
			ns[i * rounds + round] = f->stamp[i + 1] - f->stamp[i];
		ns[PARTS * rounds + round] = f->stamp[PARTS] - f->stamp[0];
	}
	printf("%-18s %8s %8s %8s\n", "part (us)", "min", "median", "max");
	for (size_t i = 0; i < PARTS; i++)
		print_row(parts[i].name, ns + i * rounds, rounds);
	print_row("whole", ns + PARTS * rounds, rounds);
	free(ns);
}

static int export_filter(const struct filter *filter, const char *path)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || fd_write_all(fd, filter->insns, filter->n * sizeof(*filter->insns)) < 0)
		die(path);
	return 0;
}

int main(int argc, char **argv)
{
	const struct filter_request asked = {.caps = kept_caps, .no_new_privs = true};
	struct floor f = {0};
	struct err e = {0};
	const char *export = NULL;
	size_t rounds = 20;
	int option;

	while ((option = getopt(argc, argv, "+1n:g:x:")) > 0) {
		if (option == '1')
			f.single = true;
		else if (option == 'n')
			rounds = strtoul(optarg, NULL, 10);
		else if (option == 'g')
			f.cgroup = optarg;
		else if (option == 'x')
			export = optarg;
		else
			return 2;
	}
	if (filter_build(&asked, -1, &f.filter, &e) || idmap_for_caller(&f.map, &e)) {
		fprintf(stderr, "floor: %s\n", e.what);
		return 1;
	}
	if (export)
		return export_filter(&f.filter, export);
	if (argc - optind < 3 || !rounds)
		return 2;
	f.single |= f.map.single;
	f.rootfs = argv[optind];
	f.work = argv[optind + 1];
	f.argv = argv + optind + 2;
	f.stamp = mmap(NULL, (PARTS + 1) * sizeof(*f.stamp), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (f.stamp == MAP_FAILED)
		die("mmap");
	measure(&f, rounds);
	return 0;
}
