/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an image's files out of an archive, or asks rlc for them. In rlc-image. */
#include "storage/source.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"
#include "storage/archive.h"
#include "storage/folder.h"
#include "storage/inflate.h"
#include "storage/shelf.h"
#include "storage/stream.h"

#include <sys/socket.h>
#include <sys/stat.h>

/* What a compressed archive may become. */
#define SPOOL_MAX (256ULL << 30)

struct source {
	char *name;
	int fd;		 /* of the archive; or the last file of a folder */
	bool fd_is_ours; /* a spooled copy */
	struct archive *archive;
	int sock; /* folder: rlc's end answers */
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

struct source *source_archive(int fd, const char *name, const struct shelf *shelf, struct err *e)
{
	struct source *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->fd = s->sock = -1;
	if (open_archive(s, fd, shelf, e) == 0)
		return s;
	source_free(s);
	return NULL;
}

struct source *source_folder(int sock, const char *name)
{
	struct source *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->fd = -1;
	s->sock = sock;
	return s;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	if (s->fd_is_ours && s->fd >= 0)
		close(s->fd);
	archive_free(s->archive);
	free(s->name);
	free(s);
}

const char *source_name(const struct source *s)
{
	return s->name;
}

/* The file opened last is closed: streams come one after the other. -1 with errno. */
static int ask(struct source *s, const char *name)
{
	char answer = FOLDER_REFUSED;
	int fd = -1;

	if (s->fd_is_ours && s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (send(s->sock, name, strlen(name), MSG_NOSIGNAL) < 0)
		return -1;
	if (fd_recv(s->sock, &answer, 1, &fd) != 1 || (answer == FOLDER_FOUND && fd < 0)) {
		errno = EPROTO;
		return -1;
	}
	if (fd < 0) {
		errno = answer == FOLDER_ABSENT ? ENOENT : EACCES;
		return -1;
	}
	s->fd = fd;
	s->fd_is_ours = true;
	return 0;
}

/* Where the bytes of `name` lie in s->fd. -1 with errno. */
static int locate(struct source *s, const char *name, uint64_t *offset, uint64_t *size)
{
	struct stat st;

	if (s->archive) {
		if (archive_find(s->archive, name, offset, size))
			return 0;
		errno = ENOENT;
		return -1;
	}
	if (ask(s, name) < 0 || fstat(s->fd, &st) < 0)
		return -1;
	*offset = 0;
	*size = (uint64_t)st.st_size;
	return 0;
}

bool source_has(struct source *s, const char *name)
{
	uint64_t offset, size;

	return locate(s, name, &offset, &size) == 0;
}

int source_open(struct source *s, const char *name, struct stream **ret, uint64_t *ret_size,
		struct err *e)
{
	auto_str struct str shown = {0};
	uint64_t offset;

	str_add_visible(&shown, name);
	if (locate(s, name, &offset, ret_size) < 0)
		return err_sys(e, "read %.300s of %s", str_get(&shown), s->name);
	*ret = stream_region(s->fd, offset, *ret_size, str_get(&shown));
	return 0;
}

int source_read(struct source *s, const char *name, size_t max, char **ret, size_t *ret_len,
		struct err *e)
{
	auto_str struct str text = {0}, shown = {0};
	auto_stream struct stream *in = NULL;
	const unsigned char *bytes;
	uint64_t size;
	ssize_t n;

	if (source_open(s, name, &in, &size, e) < 0)
		return -1;
	str_add_visible(&shown, name);
	if (size > max)
		return err_msg(e, "%.300s of %s: %llu bytes are more than the %zu allowed",
			       str_get(&shown), s->name, (unsigned long long)size, max);
	while ((n = in->next(in, &bytes, e)) > 0)
		str_addn(&text, bytes, (size_t)n);
	if (n < 0)
		return -1;
	*ret_len = text.len;
	*ret = str_take(&text);
	return 0;
}
