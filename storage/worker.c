/* SPDX-License-Identifier: Apache-2.0 */
/* Starts and serves rlc-image; runs in rlc, as the user. */
#include "storage/worker.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/kernel/idmap.h"
#include "lib/kernel/userns.h"
#include "lib/state/dirs.h"
#include "lib/state/libexec.h"
#include "storage/answer.h"
#include "storage/folder.h"
#include "storage/notices.h"
#include "storage/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* A manifest and a configuration of 4 MiB each, escaped as JSON, for each of some images. */
enum { ANSWER_MAX = 256 << 20 };
/* After its answer it has nothing to do but to free its memory. ms. */
enum { GRACE = 5000 };

/* Its descriptors before they get their numbers. */
struct ends {
	int null, answer, notices, root, input, layers, progress, program, go;
};

/* Highest id that any line of /etc/subuid or /etc/subgid gives away, plus one; 0: unknown. */
static uint64_t next_free_id(void)
{
	static const char *const files[] = {"/etc/subuid", "/etc/subgid"};
	unsigned long long start, count, next = 0;

	for (size_t i = 0; i < array_len(files); i++) {
		auto_file FILE *f = fopen(files[i], "re");

		while (f && fscanf(f, "%*[^:]:%llu:%llu%*[^\n]", &start, &count) == 2)
			if (start + count > next)
				next = start + count;
	}
	return next <= UINT32_MAX ? next : 0;
}

static uint64_t count_ids(const struct id_range *ranges, size_t n)
{
	uint64_t count = 0;

	for (size_t i = 0; i < n && ranges[i].inside == count; i++)
		count += ranges[i].count;
	return count;
}

static void make_argv(const struct id_map *map, const struct worker_request *r, struct strv *argv)
{
	const struct passwd *user = getpwuid(geteuid());

	strv_add(argv, "rlc-image");
	strv_add(argv, r->verb);
	strv_addf(argv, "uids=%llu", (unsigned long long)count_ids(map->uid, map->n_uid));
	strv_addf(argv, "gids=%llu", (unsigned long long)count_ids(map->gid, map->n_gid));
	strv_addf(argv, "single=%d", map->single);
	strv_addf(argv, "next-free=%llu", (unsigned long long)next_free_id());
	strv_addf(argv, "user=%s", user ? user->pw_name : "USER");
	strv_addf(argv, "log-level=%d", (int)log_get_level());
	strv_copy(argv, &r->keys);
}

/* Gives the child exactly descriptors 0 to 6 and the program. -1 with errno. */
static int arrange(struct ends *f)
{
	int *all[] = {&f->null,	 &f->answer, &f->notices,  &f->root,
		      &f->input, &f->layers, &f->progress, &f->program};

	/* Out of the way first: one of them may have the number another is to get. */
	for (size_t i = 0; i < array_len(all); i++) {
		*all[i] = fcntl(*all[i], F_DUPFD_CLOEXEC, 10);
		if (*all[i] < 0)
			return -1;
	}
	if (dup2(f->null, 0) < 0 || dup2(f->answer, 1) < 0 || dup2(f->notices, 2) < 0 ||
	    dup2(f->root, 3) < 0 || dup2(f->input, 4) < 0 || dup2(f->layers, 5) < 0 ||
	    dup2(f->progress, 6) < 0)
		return -1;
	fd_close_all_but(7, &f->program, 1);
	return 0;
}

/*
 * The descriptor that rlc has of the data folder belongs to the mounts it was opened in; ours are
 * copies.
 */
static int reopen_data(const struct dirs *d, struct err *e)
{
	auto_fd int fd = open(d->data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat here, there;

	if (fd < 0 || fstat(fd, &here) < 0 || fstat(d->data_fd, &there) < 0)
		return err_sys(e, "open the data folder %s", d->data);
	if (here.st_dev != there.st_dev || here.st_ino != there.st_ino)
		return err_msg(e, "the data folder %s was replaced meanwhile", d->data);
	return take_fd(&fd);
}

static int open_in(int data, const char *path, struct err *e)
{
	int fd = openat(data, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_sys(e, "open folder %s of the store", path) : fd;
}

/*
 * The data folder as the caller's own uid still, since mapped root may not be let through to it;
 * what is in it as mapped root, to whom tmp/ belongs.
 */
static int enter(const struct dirs *d, const char *root, struct ends *f, struct err *e)
{
	auto_fd int data = reopen_data(d, e);

	if (data < 0 || userns_enter(f->go, e) < 0 || userns_drop_groups(e) < 0)
		return -1;
	f->root = open_in(data, root, e);
	f->layers = f->root < 0 ? -1 : open_in(data, "layers", e);
	return f->layers < 0 ? -1 : 0;
}

/* Nothing of the user's environment goes in, but what a sanitized build is steered by in tests. */
static void keep_environment(struct strv *environment)
{
	static const char *const names[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS"};

	for (size_t i = 0; i < array_len(names); i++) {
		const char *value = getenv(names[i]);

		if (value)
			strv_addf(environment, "%s=%s", names[i], value);
	}
}

/* In the child. Only returns to end. */
static void become_worker(const struct dirs *d, const char *root, struct ends f, char *const *argv,
			  const char *path)
{
	auto_strv struct strv environment = {0};
	struct err e = {0};

	if (enter(d, root, &f, &e) < 0)
		goto fail;
	if (arrange(&f) < 0) {
		err_sys(&e, "arrange descriptors for rlc-image");
		goto fail;
	}
	keep_environment(&environment);
	/* By descriptor: real root's libexec folder may be closed to the mapped root. */
	syscall(SYS_execveat, f.program, "", argv, strv_list(&environment), AT_EMPTY_PATH);
	err_sys(&e, "run %s", path);
	f.answer = 1;
fail:
	answer_send_error(f.answer, &e);
}

static int let_go(const struct id_map *map, pid_t pid, int go, struct err *e)
{
	if (idmap_write(map, pid, e) < 0)
		return -1;
	return fd_write_all(go, "g", 1) < 0 ? err_sys(e, "start rlc-image") : 0;
}

/* Lends one file. */
static int serve_folder(const struct worker_request *r, struct pollfd *p, struct err *e)
{
	int rc = folder_serve(r->folder_sock, r->folder, e);

	if (rc == 0)
		p->fd = -1;
	return rc < 0 ? -1 : 0;
}

static void serve_progress(const struct worker_request *r, struct pollfd *p)
{
	struct progress news;

	if (progress_receive(p->fd, &news))
		r->progress(&news, r->progress_arg);
	else
		p->fd = -1;
}

/* Our ends of the pipes to rlc-image, and itself. */
struct pipes {
	int go, answer, progress, pidfd;
	struct notices *notices;
};

enum { ANSWER, FOLDER, NEWS, STOP, NOTICES, OTHERS, END, N_POLLED };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A part of the answer; at its end, p->fd becomes -1. */
static int take_answer(struct pollfd *p, struct str *text, struct err *e)
{
	char part[65536];
	ssize_t n = read(p->fd, part, sizeof(part));

	if (n < 0 && errno != EINTR)
		return err_sys(e, "read the answer of rlc-image");
	if (n == 0)
		p->fd = -1;
	if (n > 0)
		str_addn(text, part, (size_t)n);
	if (text->len > ANSWER_MAX)
		return err_msg(e, "the answer of rlc-image is longer than %d MiB",
			       ANSWER_MAX >> 20);
	return 0;
}

/* What rlc-image has to say and to ask, but for the answer. */
static int serve_others(const struct worker_request *r, const struct pipes *pipes,
			struct pollfd *polled, struct err *e)
{
	if (polled[STOP].revents)
		return err_msg(e, "interrupted");
	if (polled[FOLDER].revents && serve_folder(r, &polled[FOLDER], e) < 0)
		return -1;
	if (polled[NEWS].revents)
		serve_progress(r, &polled[NEWS]);
	if (polled[NOTICES].revents) {
		notices_relay(pipes->notices);
		polled[NOTICES].fd = pipes->notices->pipe;
	}
	if (polled[OTHERS].revents) {
		notices_relay(r->others);
		polled[OTHERS].fd = r->others->pipe;
	}
	return 0;
}

static int outlived_grace(struct err *e)
{
	err_msg(e, "rlc-image has answered and did not end: it was killed");
	return err_hint(e, "the image may be made to break it; nothing was kept");
}

/* Collects the answer, lends files and passes on news until rlc-image has answered and ended. */
static int serve(const struct worker_request *r, const struct pipes *pipes, struct str *text,
		 struct err *e)
{
	struct pollfd polled[N_POLLED] = {
	    [ANSWER] = {.fd = pipes->answer, .events = POLLIN},
	    [FOLDER] = {.fd = r->folder_sock, .events = POLLIN},
	    [NEWS] = {.fd = pipes->progress, .events = POLLIN},
	    [STOP] = {.fd = r->can_stop ? r->stop : -1, .events = POLLIN},
	    [NOTICES] = {.fd = pipes->notices->pipe, .events = POLLIN},
	    [OTHERS] = {.fd = r->others ? r->others->pipe : -1, .events = POLLIN},
	    [END] = {.fd = -1, .events = POLLIN}};
	int64_t until = 0, left = 0;

	for (;;) {
		int n = poll(polled, N_POLLED, until ? (int)left : -1);

		if (n < 0 && errno != EINTR)
			return err_sys(e, "wait for rlc-image");
		if (n > 0 && serve_others(r, pipes, polled, e) < 0)
			return -1;
		if (n > 0 && polled[ANSWER].revents && take_answer(&polled[ANSWER], text, e) < 0)
			return -1;
		if (polled[ANSWER].fd >= 0)
			continue;
		if (polled[END].fd >= 0 && n > 0 && polled[END].revents)
			return 0;
		until = until ? until : now_ms() + GRACE;
		left = until - now_ms();
		if (left <= 0)
			return outlived_grace(e);
		polled[END].fd = pipes->pidfd;
	}
}

static int wait_for(pid_t pid, int *ret_status, struct err *e)
{
	while (waitpid(pid, ret_status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, "wait for rlc-image");
	return 0;
}

/* Parent: from the clone to the end of the child. */
static int attend(const struct id_map *map, const struct worker_request *r, pid_t pid,
		  const struct pipes *pipes, struct json_object **ret, struct err *e)
{
	auto_str struct str text = {0};
	struct err ignored;
	int status = 0;

	if (let_go(map, pid, pipes->go, e) < 0 || serve(r, pipes, &text, e) < 0) {
		kill(pid, SIGKILL);
		(void)wait_for(pid, &status, &ignored); /* the first error is the one to tell */
		return -1;
	}
	if (wait_for(pid, &status, e) < 0)
		return -1;
	if (WIFSIGNALED(status)) {
		err_msg(e, "rlc-image was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
		return err_hint(e, WTERMSIG(status) == SIGKILL
				       ? "was memory short? see: dmesg | tail"
				       : "the image may be made to break it; nothing was kept");
	}
	return answer_read(str_get(&text), text.len, ret, e);
}

static int make_pipe(int flags, int *ret_in, int *ret_out, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | flags) < 0)
		return err_sys(e, "pipe to rlc-image");
	*ret_in = ends[0];
	*ret_out = ends[1];
	return 0;
}

int worker_run(const struct dirs *d, const struct id_map *map, const struct worker_request *r,
	       struct json_object **ret, struct err *e)
{
	enum {
		NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
	};
	auto_free char *path = libexec_path("rlc-image");
	auto_fd int program = libexec_open("rlc-image", e), null = -1, pidfd = -1;
	auto_fd int answer_in = -1, answer_out = -1, go_in = -1, go_out = -1;
	auto_fd int progress_in = -1, progress_out = -1;
	auto_fd int notices_out = -1;
	struct notices notices = {.pipe = -1};
	auto_strv struct strv argv = {0};
	pid_t pid;
	int rc;

	if (program < 0)
		return -1;
	make_argv(map, r, &argv);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return err_sys(e, "open /dev/null");
	/* O_DIRECT: each struct is a packet of its own. */
	if (make_pipe(0, &answer_in, &answer_out, e) < 0 || make_pipe(0, &go_in, &go_out, e) < 0 ||
	    (r->progress && make_pipe(O_DIRECT, &progress_in, &progress_out, e) < 0))
		return -1;
	notices_out = notices_open(&notices, "rlc-image", e);
	pid = notices_out < 0 ? -1 : userns_clone(NAMESPACES, -1, &pidfd, e);
	if (pid < 0) {
		notices_end(&notices);
		return -1;
	}
	if (pid == 0) {
		close(go_out); /* or it would wait for itself when rlc dies */
		become_worker(d, r->root,
			      (struct ends){.null = null,
					    .answer = answer_out,
					    .notices = notices_out,
					    .input = r->input < 0 ? null : r->input,
					    .progress = progress_out < 0 ? null : progress_out,
					    .program = program,
					    .go = go_in},
			      strv_list(&argv), path);
		_exit(EXIT_LAUNCHER);
	}
	close(take_fd(&answer_out));
	close(take_fd(&go_in));
	close(take_fd(&notices_out));
	if (progress_out >= 0)
		close(take_fd(&progress_out));
	rc = attend(map, r, pid, &(struct pipes){go_out, answer_in, progress_in, pidfd, &notices},
		    ret, e);
	notices_end(&notices);
	return rc;
}
