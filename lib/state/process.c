/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the first process of a container for the commands that signal it. */
#include "lib/state/process.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/state/lock.h"
#include "lib/state/record_file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <time.h>

_Static_assert(sizeof(((struct process *)0)->cgroup) == sizeof(((struct record_state *)0)->cgroup),
	       "it is copied");

enum { PROC_FILE_MAX = 65536, NAP_MS = 5, END_MS = 1000 };

static int read_proc(pid_t pid, const char *file, char **ret, struct err *e)
{
	auto_free char *path = xasprintf("/proc/%d/%s", pid, file);

	return file_read(AT_FDCWD, path, PROC_FILE_MAX, ret, NULL, e);
}

/* Field 4 of /proc/PID/stat; the name before it may hold anything, also ")". */
static int parent_of(pid_t pid, pid_t *ret, struct err *e)
{
	auto_free char *text = NULL;
	const char *after;
	char state;

	if (read_proc(pid, "stat", &text, e) < 0)
		return -1;
	after = strrchr(text, ')');
	if (!after || sscanf(after, ") %c %d", &state, ret) != 2)
		return err_msg(e, "/proc/%d/stat makes no sense", pid);
	return 0;
}

int64_t process_start(pid_t pid)
{
	auto_free char *text = NULL;
	const char *after;
	long long ticks;
	struct err ignored;

	if (read_proc(pid, "stat", &text, &ignored) < 0)
		return 0;
	/* Field 22 (proc(5)): 19 are between the name and it. */
	after = strrchr(text, ')');
	return after && sscanf(after,
			       ") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			       "%*s %*s %*s %lld",
			       &ticks) == 1
		   ? ticks
		   : 0;
}

/* "" where the kernel does not tell. */
static void read_boot(char *buf, size_t room)
{
	auto_free char *text = NULL;
	struct err ignored;

	buf[0] = '\0';
	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", room, &text, NULL, &ignored) < 0)
		return;
	snprintf(buf, room, "%.*s", (int)strcspn(text, "\n"), text);
}

void process_note_start(struct record_state *s)
{
	s->pid_start = process_start(s->pid);
	read_boot(s->boot, sizeof(s->boot));
}

/* Records of an older rlc do not say. */
static bool may_be_of_this_boot(const struct record_state *s)
{
	char boot[sizeof(s->boot)];

	read_boot(boot, sizeof(boot));
	return !s->boot[0] || strcmp(boot, s->boot) == 0;
}

void process_end_orphan(const struct record_state *s)
{
	bool is_known = s->pid > 1 && s->pid_start && may_be_of_this_boot(s);
	auto_fd int fd = is_known ? pidfd_open(s->pid, 0) : -1;
	struct pollfd end = {.fd = fd, .events = POLLIN};

	/* Opened first: the number may go to another between the two looks, the descriptor not. */
	if (fd < 0 || process_start(s->pid) != s->pid_start)
		return;
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0) < 0)
		log_warn("kill process %d, whose monitor was killed: %s", s->pid, strerror(errno));
	else
		(void)poll(&end, 1, END_MS); /* what it had open is closed when it is gone */
}

static int load_state(const struct dirs *d, const char *id, struct record_state *ret, struct err *e)
{
	struct record r;

	if (record_load(d, id, &r, ret, e) < 0)
		return -1;
	record_free(&r);
	return 0;
}

int process_open(const struct dirs *d, const char *id, struct process *ret, struct err *e)
{
	struct record_state s, again;
	auto_fd int fd = -1;
	struct err gone;
	pid_t parent;

	if (load_state(d, id, &s, e) < 0)
		return -1;
	*ret = (struct process){.fd = -1, .pid = s.pid, .status = s.status};
	memcpy(ret->cgroup, s.cgroup, sizeof(ret->cgroup));
	if (s.status != STATUS_RUNNING)
		return 0;
	ret->status = STATUS_EXITED;
	fd = pidfd_open(s.pid, 0);
	if (fd < 0 && errno == ESRCH)
		return 0;
	if (fd < 0)
		return err_sys(e, "open process %d of container %.12s", s.pid, id);
	/*
	 * The number could have been given to another process before it was opened. Only the
	 * monitor lets it go, by reaping: so while the record says "running" and the process is a
	 * child of the monitor (which starts no other until the record says "exited"), it is the
	 * one.
	 */
	if (load_state(d, id, &again, e) < 0)
		return -1;
	if (again.status != STATUS_RUNNING || again.pid != s.pid ||
	    parent_of(s.pid, &parent, &gone) < 0 || parent != again.monitor_pid)
		return 0;
	ret->fd = take_fd(&fd);
	ret->status = STATUS_RUNNING;
	return 0;
}

int process_open_born(const struct dirs *d, const char *id, int millis, struct process *ret,
		      struct err *e)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};

	for (;;) {
		if (process_open(d, id, ret, e) < 0)
			return -1;
		if (ret->status != STATUS_CREATED)
			return 0;
		if (millis <= 0)
			return err_msg(e, "container %.12s is still being set up", id);
		nanosleep(&nap, NULL);
		millis -= NAP_MS;
	}
}

/* "SigCgt:\t00000000180014ef": bit N-1 is signal N. */
static bool mask_has(const char *text, const char *key, int sig, bool otherwise)
{
	const char *at = strstr(text, key);

	if (!at)
		return otherwise;
	return strtoull(at + strlen(key), NULL, 16) >> (sig - 1) & 1;
}

bool process_status_handles(const char *text, int sig)
{
	/* These two no process can refuse. */
	if (sig == SIGKILL || sig == SIGSTOP)
		return true;
	return mask_has(text, "\nSigCgt:\t", sig, true) || mask_has(text, "\nSigBlk:\t", sig, true);
}

bool process_handles(pid_t pid, int sig)
{
	auto_free char *text = NULL;
	struct err ignored;

	return read_proc(pid, "status", &text, &ignored) < 0 || process_status_handles(text, sig);
}

int process_wait_monitor(const struct dirs *d, const char *id, int millis, struct err *e)
{
	auto_fd int folder = record_open(d, id, e), lock = -1;
	int answer;

	if (folder < 0)
		return e->exit == 1 ? 0 : -1;
	answer = lock_wait(folder, millis, &lock, e);
	if (answer < 0)
		return err_ctx(e, "container %.12s", id);
	return answer == LOCK_HELD;
}
