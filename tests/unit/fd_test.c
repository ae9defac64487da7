/* SPDX-License-Identifier: Apache-2.0 */
/* Whole transfers, descriptors over sockets, and the closing at a process boundary. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/fd.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { LARGE = 1 << 20 };

/* More than a pipe holds: both ends have to go on after a short transfer. */
static void test_whole(void)
{
	auto_free char *out = xcalloc(1, LARGE), *in = xcalloc(1, LARGE);
	int ends[2], status;
	pid_t pid;

	for (size_t i = 0; i < LARGE; i++)
		out[i] = (char)(i * 7 >> 3);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0)
		_exit(fd_write_all(ends[1], out, LARGE) < 0);
	close(ends[1]);
	ok(fd_read_full(ends[0], in, LARGE) == LARGE && memcmp(in, out, LARGE) == 0,
	   "a megabyte through a pipe");
	ok(fd_read_full(ends[0], in, 10) == 0, "then end of file");
	waitpid(pid, &status, 0);
	ok(status == 0, "the writer wrote all");
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	(void)!write(ends[1], "abc", 3);
	close(ends[1]);
	ok(fd_read_full(ends[0], in, 10) == 3, "less than asked for at end of file");
	close(ends[0]);
	ok(fd_read_full(-1, in, 1) == -1 && errno == EBADF && fd_write_all(-1, in, 1) == -1,
	   "a bad descriptor");
}

static void test_pass(void)
{
	auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC), got = -1;
	int pair[2];
	struct stat a, b;
	char text[8];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	ok(fd_send(pair[0], "hey", 3, null) == 0 &&
	       fd_recv(pair[1], text, sizeof(text), &got) == 3 && memcmp(text, "hey", 3) == 0 &&
	       fstat(null, &a) == 0 && fstat(got, &b) == 0 && a.st_rdev == b.st_rdev && got != null,
	   "bytes and a descriptor arrive");
	ok((fcntl(got, F_GETFD) & FD_CLOEXEC) != 0, "close-on-exec at birth");
	close(take_fd(&got));
	(void)!write(pair[0], "x", 1);
	ok(fd_recv(pair[1], text, sizeof(text), &got) == 1 && got == -1, "bytes alone: -1");
	ok(fd_send(pair[0], "", 0, null) == -1 && errno == EINVAL, "no byte is not sent");
	close(pair[0]);
	ok(fd_recv(pair[1], text, sizeof(text), &got) == 0 && got == -1, "end of file");
	close(pair[1]);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* In a child: closing everything would close the test's own stdio too. */
static int close_in_child(void)
{
	const int keep[] = {70, -1, 52, 50};
	const int gone[] = {51, 53, 69, 71, 200};

	for (size_t i = 0; i < array_len(keep); i++)
		if (keep[i] >= 0 && dup2(1, keep[i]) < 0)
			return 2;
	for (size_t i = 0; i < array_len(gone); i++)
		if (dup2(1, gone[i]) < 0)
			return 2;
	if (dup2(1, 49) < 0)
		return 2;
	fd_close_all_but(50, keep, array_len(keep));
	for (size_t i = 0; i < array_len(keep); i++)
		if (keep[i] >= 0 && !is_open(keep[i]))
			return 3;
	for (size_t i = 0; i < array_len(gone); i++)
		if (is_open(gone[i]))
			return 4;
	if (!is_open(49) || !is_open(1))
		return 5;
	fd_close_all_but(3, NULL, 0);
	return is_open(49) || is_open(50) || !is_open(2) ? 6 : 0;
}

/* As many as an image has layers. */
static int keep_many_in_child(void)
{
	int keep[100];

	for (size_t i = 0; i < array_len(keep); i++)
		keep[i] = dup2(1, 300 - 2 * (int)i);
	fd_close_all_but(50, keep, array_len(keep));
	for (size_t i = 0; i < array_len(keep); i++)
		if (!is_open(keep[i]))
			return 1;
	return 0;
}

static int status_of(int (*run)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_close(void)
{
	int step = status_of(close_in_child);

	ok(step == 0, "all from a number up but the named ones: step %d", step);
	ok(status_of(keep_many_in_child) == 0, "a hundred named ones are kept");
}

int main(void)
{
	test_whole();
	test_pass();
	test_close();
	return tap_end();
}
