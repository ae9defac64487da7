/* SPDX-License-Identifier: Apache-2.0 */
/* Moves bytes between the container's pipes or pty and the caller's stdio, in the monitor. */
#include "cmd/launch/relay.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { RELAY_ROOM = 32768 };

struct relay_end relay_inner_end(int fd)
{
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

	/* Failing leaves a blocking descriptor, on which poll(2) still tells when to act. */
	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	return (struct relay_end){.fd = fd, .own = true};
}

struct relay_end relay_outer_end(int fd, int flags)
{
	struct relay_end end = {.fd = fd, .may_block = true};
	char path[40];
	struct stat st;
	int again;

	if (fstat(fd, &st) < 0)
		return (struct relay_end){.fd = -1};
	/* A regular file opened anew would lose its offset. A socket cannot be, and has a flag. */
	if (S_ISSOCK(st.st_mode))
		end.may_block = false;
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return end;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	/* After su(1) the terminal belongs to another user: it stays as it was given. */
	return again < 0 ? end : (struct relay_end){.fd = again, .own = true};
}

static void close_end(struct relay_end *end)
{
	if (end->own && end->fd >= 0)
		close(end->fd);
	end->fd = -1;
}

void relay_poll(const struct relay *r, struct pollfd p[2])
{
	bool room = r->len == 0;

	/* poll(2) reports hang-ups unasked: an end that waits for the other is left out whole. */
	p[0] = (struct pollfd){.fd = room ? r->from.fd : -1, .events = POLLIN};
	p[1] = (struct pollfd){.fd = r->len ? r->to.fd : -1, .events = POLLOUT};
}

static ssize_t put(const struct relay_end *to, const char *bytes, size_t n)
{
	ssize_t done = send(to->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (done >= 0 || errno != ENOTSOCK)
		return done;
	/* POLLOUT on a pipe promises room for this much. */
	return write(to->fd, bytes, to->may_block && n > PIPE_BUF ? PIPE_BUF : n);
}

/*
 * Nobody reads any more: the writer is to learn it (`rlc run IMG yes | head -1`), or it would fill
 * the disk with its log. A pty stays: it is also what is typed into.
 */
static void lose_reader(struct relay *r, int sys)
{
	close_end(&r->to);
	if (sys == EPIPE && r->from.own)
		close_end(&r->from);
}

void relay_flush(struct relay *r)
{
	ssize_t n;

	if (r->to.fd >= 0 && r->len) {
		n = put(&r->to, r->buf + r->start, r->len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			lose_reader(r, errno);
		else
			r->start += (size_t)n, r->len -= (size_t)n;
	}
	if (r->to.fd < 0)
		r->len = 0;
}

/* A full disk must not end the container: the output still reaches who watches. */
static void copy_to_log(struct relay *r, int log_fd)
{
	struct timespec now;

	if (!r->logged || log_fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	if (log_file_write(log_fd, r->stream, now, r->buf, r->len) == 0)
		return;
	log_warn("write the container's log: %s; what follows is missing there", strerror(errno));
	r->logged = false;
}

bool relay_fill(struct relay *r, int log_fd, bool last)
{
	ssize_t n;

	if (r->from.fd < 0 || r->len)
		return false;
	if (!r->buf)
		r->buf = xcalloc(RELAY_ROOM, 1);
	n = read(r->from.fd, r->buf, RELAY_ROOM);
	if (n > 0) {
		r->start = 0;
		r->len = (size_t)n;
		copy_to_log(r, log_fd);
		if (r->to.fd < 0)
			r->len = 0;
		return true;
	}
	if (n < 0 && errno == EINTR)
		return true;
	/* EIO: a terminal that is gone. */
	if (n == 0 || last || errno != EAGAIN)
		close_end(&r->from);
	return false;
}

bool relay_is_done(const struct relay *r)
{
	return r->from.fd < 0 && r->len == 0;
}

void relay_close_from(struct relay *r)
{
	close_end(&r->from);
	r->len = 0;
}

void relay_close(struct relay *r)
{
	relay_close_from(r);
	close_end(&r->to);
	free(r->buf);
	r->buf = NULL;
}
