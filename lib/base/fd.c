/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors: whole transfers, passing over unix sockets, closing at process boundaries. */
#include "lib/base/fd.h"

#include "lib/base/auto.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

DIR *fd_into_dir(int fd)
{
	auto_fd int own = fd;
	DIR *d = own < 0 ? NULL : fdopendir(own);

	if (d)
		(void)take_fd(&own);
	return d;
}

int fd_write_all(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

ssize_t fd_read_full(int fd, void *bytes, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t part = read(fd, (char *)bytes + got, n - got);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -1;
		if (part == 0)
			break;
		got += (size_t)part;
	}
	return (ssize_t)got;
}

int fd_send(int sock, const void *bytes, size_t n, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	char copy[256];
	struct iovec part = {.iov_base = copy, .iov_len = n};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = control.room,
			   .msg_controllen = sizeof(control.room)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	ssize_t sent;

	if (n == 0 || n > sizeof(copy)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(copy, bytes, n);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	do
		sent = sendmsg(sock, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)n ? 0 : -1;
}

ssize_t fd_recv(int sock, void *bytes, size_t n, int *ret_fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {.iov_base = bytes, .iov_len = n};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = control.room,
			   .msg_controllen = sizeof(control.room)};
	struct cmsghdr *c;
	ssize_t got;

	*ret_fd = -1;
	do
		got = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got;
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(ret_fd, CMSG_DATA(c), sizeof(*ret_fd));
	return got;
}

int fd_fill_stdio(void)
{
	/* Not opened unless one is missing: a bare chroot has no /dev/null, and doctor says so. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* The lowest free number is what open gives. Not close-on-exec: it is stdio. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -1;
	}
	return 0;
}

/* Kernels before 5.9, or a filter that refuses close_range: ask /proc which are open. */
static void close_span_by_proc(int first, int last)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!d) {
		for (int fd = first; fd <= last && fd < 65536; fd++)
			close(fd);
		return;
	}
	while ((entry = readdir(d))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd >= first && fd <= last && fd != dirfd(d))
			close(fd);
	}
	closedir(d);
}

static void close_span(int first, int last)
{
	if (first > last)
		return;
	if (syscall(SYS_close_range, (unsigned int)first, (unsigned int)last, 0) < 0)
		close_span_by_proc(first, last);
}

/* The lowest of keep[] from `from` up, or -1. No list is made of them: there may be hundreds. */
static int lowest_kept(int from, const int keep[], size_t n_keep)
{
	int lowest = -1;

	for (size_t i = 0; i < n_keep; i++)
		if (keep[i] >= from && (lowest < 0 || keep[i] < lowest))
			lowest = keep[i];
	return lowest;
}

void fd_close_all_but(int from, const int keep[], size_t n_keep)
{
	int kept;

	while ((kept = lowest_kept(from, keep, n_keep)) >= 0) {
		close_span(from, kept - 1);
		from = kept + 1;
	}
	close_span(from, INT_MAX);
}
