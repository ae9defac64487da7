/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an image's files out of an archive, or asks rlc or rlc-fetch for them. In rlc-image. */
#include "storage/source.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"
#include "storage/archive.h"
#include "storage/fetch_ask.h"
#include "storage/folder.h"
#include "storage/inflate.h"
#include "storage/shelf.h"
#include "storage/stream.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* What a compressed archive may become. */
#define SPOOL_MAX (256ULL << 30)

struct source {
	char *name;
	int fd;		 /* of the archive */
	bool fd_is_ours; /* a spooled copy */
	struct archive *archive;
	int sock; /* folder: rlc answers; registry: rlc-fetch */
	bool is_registry;
	pthread_mutex_t asking; /* a folder: one question at a time */
};

static int spool(struct source *s, int fd, const struct shelf *shelf, struct err *e)
{
	struct stream *in;
	enum inflate_format format;
	uint64_t size;
	int copy, rc;

	in = stream_inflate(stream_ahead(stream_fd(fd, s->name)), s->name, &format, e);
	if (!in)
		return -1;
	copy = shelf_spool(shelf, e);
	rc = copy < 0 ? -1 : stream_copy(in, copy, SPOOL_MAX, s->name, &size, e);
	stream_free(in);
	s->fd = copy;
	s->fd_is_ours = true;
	return rc;
}

/* Plain files are read where they lie. */
static bool must_spool(int fd, const struct stat *st)
{
	unsigned char head[6];
	ssize_t n;

	if (!S_ISREG(st->st_mode))
		return true;
	n = pread(fd, head, sizeof(head), 0);
	return n > 0 && inflate_detect(head, (size_t)n) != INFLATE_NONE;
}

static int open_archive(struct source *s, int fd, const struct shelf *shelf, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "look at %s", s->name);
	s->fd = fd;
	if (must_spool(fd, &st)) {
		if (spool(s, fd, shelf, e) < 0)
			return -1;
		if (fstat(s->fd, &st) < 0)
			return err_sys(e, "look at the copy of %s", s->name);
	}
	s->archive = archive_open(s->fd, (uint64_t)st.st_size, s->name, e);
	return s->archive ? 0 : -1;
}

static struct source *source_new(const char *name, int sock)
{
	struct source *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->fd = -1;
	s->sock = sock;
	pthread_mutex_init(&s->asking, NULL);
	return s;
}

struct source *source_archive(int fd, const char *name, const struct shelf *shelf, struct err *e)
{
	struct source *s = source_new(name, -1);

	if (open_archive(s, fd, shelf, e) == 0)
		return s;
	source_free(s);
	return NULL;
}

struct source *source_folder(int sock, const char *name)
{
	return source_new(name, sock);
}

struct source *source_registry(int sock, const char *name)
{
	struct source *s = source_new(name, sock);

	s->is_registry = true;
	return s;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	if (s->fd_is_ours && s->fd >= 0)
		close(s->fd);
	archive_free(s->archive);
	pthread_mutex_destroy(&s->asking);
	free(s->name);
	free(s);
}

const char *source_name(const struct source *s)
{
	return s->name;
}

/* A descriptor of a file of the folder, owned by the caller. -1 with errno. */
static int ask(struct source *s, const char *name)
{
	char answer = FOLDER_REFUSED;
	int fd = -1;
	ssize_t n;

	pthread_mutex_lock(&s->asking);
	n = send(s->sock, name, strlen(name), MSG_NOSIGNAL);
	if (n >= 0)
		n = fd_recv(s->sock, &answer, 1, &fd);
	pthread_mutex_unlock(&s->asking);
	if (n < 0)
		return -1;
	if (n != 1 || (answer == FOLDER_FOUND && fd < 0)) {
		errno = EPROTO;
		return -1;
	}
	if (fd < 0)
		errno = answer == FOLDER_ABSENT ? ENOENT : EACCES;
	return fd;
}

/* A stream of `name`; shown: the same for errors. -1 with errno. */
static int open_name(struct source *s, const char *name, const char *shown, struct stream **ret,
		     uint64_t *ret_size)
{
	auto_fd int fd = -1;
	uint64_t offset;
	struct stat st;

	if (s->is_registry || (s->archive && !archive_find(s->archive, name, &offset, ret_size))) {
		errno = ENOENT;
		return -1;
	}
	if (s->archive) {
		*ret = stream_region(s->fd, offset, *ret_size, shown);
		return 0;
	}
	fd = ask(s, name);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	*ret_size = (uint64_t)st.st_size;
	*ret = stream_file(take_fd(&fd), *ret_size, shown);
	return 0;
}

bool source_has(struct source *s, const char *name)
{
	auto_stream struct stream *in = NULL;
	uint64_t size;

	return open_name(s, name, name, &in, &size) == 0;
}

int source_open(struct source *s, const char *name, struct stream **ret, uint64_t *ret_size,
		struct err *e)
{
	auto_str struct str shown = {0};

	str_add_visible(&shown, name);
	if (open_name(s, name, str_get(&shown), ret, ret_size) < 0)
		return err_sys(e, "read %.300s of %s", str_get(&shown), s->name);
	return 0;
}

int source_open_digest(struct source *s, enum fetch_kind kind, const char *digest, uint64_t max,
		       struct stream **ret, struct err *e)
{
	auto_free char *path = NULL;
	uint64_t size;

	if (s->is_registry)
		return fetch_open(s->sock, kind, digest, max, NULL, ret, e);
	path = xasprintf("blobs/sha256/%s", digest + strlen("sha256:"));
	return source_open(s, path, ret, &size, e);
}

/* Takes in. */
static int read_all(struct stream *in, const char *name, size_t max, char **ret, size_t *ret_len,
		    struct err *e)
{
	auto_str struct str text = {0};
	const unsigned char *bytes;
	ssize_t n;

	while ((n = in->next(in, &bytes, e)) > 0) {
		if ((size_t)n > max - text.len) {
			n = err_msg(e, "%.300s has more than the %zu bytes allowed", name, max);
			break;
		}
		str_addn(&text, bytes, (size_t)n);
	}
	stream_free(in);
	if (n < 0)
		return -1;
	*ret_len = text.len;
	*ret = str_take(&text);
	return 0;
}

int source_read_digest(struct source *s, enum fetch_kind kind, const char *digest, size_t max,
		       char **ret, size_t *ret_len, struct err *e)
{
	struct stream *in;

	if (source_open_digest(s, kind, digest, max, &in, e) < 0)
		return -1;
	return read_all(in, digest, max, ret, ret_len, e);
}

int source_read_manifest(struct source *s, const char *what, size_t max,
			 struct fetch_head *ret_head, char **ret, size_t *ret_len, struct err *e)
{
	struct stream *in;

	if (fetch_open(s->sock, FETCH_MANIFEST, what, max, ret_head, &in, e) < 0)
		return -1;
	return read_all(in, "the manifest", max, ret, ret_len, e);
}

void source_cancel(struct source *s)
{
	if (s->is_registry)
		(void)shutdown(s->sock, SHUT_RDWR); /* if rlc-fetch is gone, so is what it sent */
}

int source_read(struct source *s, const char *name, size_t max, char **ret, size_t *ret_len,
		struct err *e)
{
	auto_str struct str shown = {0};
	struct stream *in;
	uint64_t size;

	if (source_open(s, name, &in, &size, e) < 0)
		return -1;
	str_add_visible(&shown, name);
	if (size > max) {
		stream_free(in);
		return err_msg(e, "%.300s of %s: %llu bytes are more than the %zu allowed",
			       str_get(&shown), s->name, (unsigned long long)size, max);
	}
	return read_all(in, str_get(&shown), max, ret, ret_len, e);
}
