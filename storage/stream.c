/* SPDX-License-Identifier: Apache-2.0 */
/* Streams over descriptors and memory, and the one that reads ahead in a thread. In rlc-image. */
#include "storage/stream.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"

#include <pthread.h>

enum { PIECE = 256 << 10, RING = 8 };

void stream_free(struct stream *s)
{
	if (s)
		s->free(s);
}

void stream_free_(struct stream **s)
{
	stream_free(*s);
}

struct fd_stream {
	struct stream base;
	int fd;
	bool is_region, owns_fd;
	uint64_t offset, left; /* of a region */
	char *name;
	unsigned char piece[PIECE];
};

static ssize_t fd_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct fd_stream *s = (struct fd_stream *)base;
	size_t want = s->is_region && s->left < PIECE ? (size_t)s->left : PIECE;
	ssize_t n;

	if (want == 0)
		return 0;
	do
		n = s->is_region ? pread(s->fd, s->piece, want, (off_t)s->offset)
				 : read(s->fd, s->piece, want);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "read %s", s->name);
	if (n == 0 && s->is_region)
		return err_msg(e, "%s ends %llu bytes too early", s->name,
			       (unsigned long long)s->left);
	s->offset += (uint64_t)n;
	s->left -= s->is_region ? (uint64_t)n : 0;
	*ret = s->piece;
	return n;
}

static void region_skip(struct stream *base, uint64_t n)
{
	struct fd_stream *s = (struct fd_stream *)base;

	if (n > s->left)
		n = s->left;
	s->offset += n;
	s->left -= n;
}

static void fd_free(struct stream *base)
{
	struct fd_stream *s = (struct fd_stream *)base;

	if (s->owns_fd)
		close(s->fd);
	free(s->name);
	free(s);
}

struct stream *stream_fd(int fd, const char *name)
{
	struct fd_stream *s = xcalloc(1, sizeof(*s));

	s->base = (struct stream){.next = fd_next, .free = fd_free};
	s->fd = fd;
	s->name = xstrdup(name);
	return &s->base;
}

struct stream *stream_region(int fd, uint64_t offset, uint64_t n, const char *name)
{
	struct fd_stream *s = (struct fd_stream *)stream_fd(fd, name);

	s->base.skip = region_skip;
	s->is_region = true;
	s->offset = offset;
	s->left = n;
	return &s->base;
}

struct stream *stream_file(int fd, uint64_t n, const char *name)
{
	struct fd_stream *s = (struct fd_stream *)stream_region(fd, 0, n, name);

	s->owns_fd = true;
	return &s->base;
}

struct memory_stream {
	struct stream base;
	const unsigned char *at;
	size_t left;
};

static ssize_t memory_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct memory_stream *s = (struct memory_stream *)base;
	size_t n = s->left;

	(void)e; /* cannot fail */
	*ret = s->at;
	s->at += n;
	s->left = 0;
	return (ssize_t)n;
}

static void memory_free(struct stream *base)
{
	free(base);
}

struct stream *stream_memory(const void *bytes, size_t n)
{
	struct memory_stream *s = xcalloc(1, sizeof(*s));

	s->base = (struct stream){.next = memory_next, .free = memory_free};
	s->at = bytes;
	s->left = n;
	return &s->base;
}

/* Filled at `made`, emptied at `used`; both only grow. */
struct ahead_stream {
	struct stream base;
	struct stream *source;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t made, used;
	bool ended, failed, unwanted;
	bool lent; /* the piece at `used` is with the reader */
	struct err e;
	size_t sizes[RING];
	unsigned char pieces[RING][PIECE];
};

/* Waits for a free piece and gives its number, or -1 when the reader went away. */
static ssize_t ahead_room(struct ahead_stream *s)
{
	ssize_t at;

	pthread_mutex_lock(&s->lock);
	while (s->made - s->used == RING && !s->unwanted)
		pthread_cond_wait(&s->changed, &s->lock);
	at = s->unwanted ? -1 : (ssize_t)(s->made % RING);
	pthread_mutex_unlock(&s->lock);
	return at;
}

static void ahead_publish(struct ahead_stream *s, size_t at, size_t n)
{
	pthread_mutex_lock(&s->lock);
	s->sizes[at] = n;
	s->made++;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void ahead_end(struct ahead_stream *s, bool failed)
{
	pthread_mutex_lock(&s->lock);
	s->ended = true;
	s->failed = failed;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void *ahead_run(void *arg)
{
	struct ahead_stream *s = arg;
	const unsigned char *bytes;
	ssize_t got, at;

	while ((got = s->source->next(s->source, &bytes, &s->e)) > 0) {
		for (size_t done = 0; done < (size_t)got;) {
			size_t n = (size_t)got - done < PIECE ? (size_t)got - done : PIECE;

			at = ahead_room(s);
			if (at < 0)
				return NULL;
			memcpy(s->pieces[at], bytes + done, n);
			ahead_publish(s, (size_t)at, n);
			done += n;
		}
	}
	ahead_end(s, got < 0);
	return NULL;
}

static ssize_t ahead_next(struct stream *base, const unsigned char **ret, struct err *e)
{
	struct ahead_stream *s = (struct ahead_stream *)base;
	ssize_t n = 0;

	pthread_mutex_lock(&s->lock);
	if (s->lent) {
		s->used++;
		s->lent = false;
		pthread_cond_signal(&s->changed);
	}
	while (s->made == s->used && !s->ended)
		pthread_cond_wait(&s->changed, &s->lock);
	if (s->made != s->used) {
		*ret = s->pieces[s->used % RING];
		n = (ssize_t)s->sizes[s->used % RING];
		s->lent = true;
	} else if (s->failed) {
		*e = s->e;
		n = -1;
	}
	pthread_mutex_unlock(&s->lock);
	return n;
}

static void ahead_free(struct stream *base)
{
	struct ahead_stream *s = (struct ahead_stream *)base;

	pthread_mutex_lock(&s->lock);
	s->unwanted = true;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	stream_free(s->source);
	free(s);
}

struct stream *stream_ahead(struct stream *source)
{
	struct ahead_stream *s = xcalloc(1, sizeof(*s));

	s->base = (struct stream){.next = ahead_next, .free = ahead_free};
	s->source = source;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	if (pthread_create(&s->thread, NULL, ahead_run, s) == 0)
		return &s->base;
	/* A task limit may refuse the thread; the chain works without it. */
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	free(s);
	return source;
}

int stream_copy(struct stream *s, int fd, uint64_t max, const char *name, uint64_t *ret_size,
		struct err *e)
{
	const unsigned char *bytes;
	uint64_t size = 0;
	ssize_t n;

	while ((n = s->next(s, &bytes, e)) > 0) {
		size += (uint64_t)n;
		if (size > max)
			return err_msg(e, "%s unpacks to more than %llu bytes", name,
				       (unsigned long long)max);
		if (fd_write_all(fd, bytes, (size_t)n) < 0)
			return err_sys(e, "write a copy of %s", name);
	}
	*ret_size = size;
	return n < 0 ? -1 : 0;
}
