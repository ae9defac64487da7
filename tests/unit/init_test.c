/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rlc-init by itself, with this test in set-up's place: it must not execute anything when the root
 * was not changed, when set-up goes away, or when the order is damaged.
 */
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/kernel/idmap.h"
#include "lib/kernel/userns.h"
#include "lib/launch/wire.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum behaviour { GO_ON, WRONG_ROOT, HANG_UP, DAMAGED, WRONG_WORD };

/* What came back from rlc-init. */
struct result {
	struct err report; /* .what "" when it executed the command */
	int status;
};

static void __attribute__((noreturn))
become_init(int go, int control, int report, const char *program)
{
	static const char *const argv[] = {"rlc-init", NULL}, *const env[] = {NULL};
	struct err e;
	int keep[2];

	if (userns_enter(go, &e) < 0)
		_exit(99);
	keep[0] = fcntl(control, F_DUPFD_CLOEXEC, 64);
	keep[1] = fcntl(report, F_DUPFD_CLOEXEC, 64);
	for (int i = 0; i < 2; i++)
		dup2(keep[i], INIT_FD_CONTROL + i);
	fd_close_all_but(INIT_FD_SELF, NULL, 0);
	execve(program, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(98);
}

static void *order(enum behaviour b, size_t *size)
{
	static const char *const args[] = {"/bin/sh", "-c", "exit 42", NULL};
	static const char *const env[] = {"PATH=/bin", NULL};
	struct stat st;
	struct init_order o = {.args = args, .env = env, .workdir = "/"};
	char *bytes;

	stat("/", &st);
	o.head.flags = INIT_NO_SETGROUPS | INIT_NO_NEW_PRIVS;
	o.head.root_dev = st.st_dev;
	o.head.root_ino = st.st_ino + (b == WRONG_ROOT);
	bytes = wire_encode(&o, size);
	if (b == DAMAGED)
		bytes[8] ^= 1;
	return bytes;
}

static struct result run(enum behaviour b, const char *program)
{
	struct result r = {0};
	struct id_map map = {0};
	struct err e;
	int control[2], report[2], go[2], pidfd;
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char byte = b == WRONG_WORD ? 'x' : BARRIER_PIVOTED;
	size_t size;
	void *bytes = order(b, &size);
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) < 0 ||
	    pipe2(report, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0 ||
	    idmap_for_caller(&map, &e) < 0)
		exit(1);
	pid = userns_clone(CLONE_NEWNS, -1, &pidfd, &e);
	if (pid == 0)
		become_init(go[0], control[1], report[1], program);
	if (pid < 0 || idmap_write(&map, pid, &e) < 0 || write(go[1], "m", 1) != 1)
		exit(1);
	close(control[1]);
	close(report[1]);
	(void)!fd_write_all(control[0], bytes, size);
	(void)!fd_send(control[0], "r", 1, root);
	if (b != DAMAGED) {
		char said;

		ok(fd_read_full(control[0], &said, 1) == 1 && said == BARRIER_CONFINED,
		   "init says that it is confined");
		if (b != HANG_UP)
			(void)!fd_write_all(control[0], &byte, 1);
	}
	close(control[0]);
	(void)!fd_read_full(report[0], &r.report, sizeof(r.report));
	waitpid(pid, &r.status, 0);
	close(report[0]);
	close(root);
	free(bytes);
	return r;
}

int main(int argc, char **argv)
{
	struct result r;

	if (argc != 2)
		return 1;
	r = run(GO_ON, argv[1]);
	ok(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 42 && !r.report.what[0],
	   "control: with the right root the command runs");
	r = run(WRONG_ROOT, argv[1]);
	ok(strstr(r.report.what, "the root was not changed") != NULL, "another root is refused: %s",
	   r.report.what);
	ok(WEXITSTATUS(r.status) == EXIT_LAUNCHER, "and nothing ran");
	r = run(HANG_UP, argv[1]);
	ok(strstr(r.report.what, "set-up ended") && WEXITSTATUS(r.status) == EXIT_LAUNCHER,
	   "without set-up nothing runs: %s", r.report.what);
	r = run(WRONG_WORD, argv[1]);
	ok(WEXITSTATUS(r.status) == EXIT_LAUNCHER && r.report.what[0], "a wrong word is no go");
	r = run(DAMAGED, argv[1]);
	ok(strstr(r.report.what, "different builds") != NULL, "a damaged order is refused: %s",
	   r.report.what);
	return tap_end();
}
