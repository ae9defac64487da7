/* SPDX-License-Identifier: Apache-2.0 */
/* The files of one container's folder, as bytes that are checked: the floor of record*.c. */
#include "lib/state/record_file.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/state/dirs.h"
#include "lib/state/record_text.h"

#include <fcntl.h>

enum { RECORD_MAX = 16 << 20 };

int record_not_there(const char *id, struct err *e)
{
	err_msg(e, "no container with id %.12s", id);
	err_hint(e, "run: rlc ps -a");
	return err_exit(e, 1);
}

int record_open(const struct dirs *d, const char *id, struct err *e)
{
	auto_free char *path = xasprintf("containers/%s", id);
	int fd = openat(d->data_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return record_not_there(id, e);
	if (fd < 0)
		return err_sys(e, "open folder %s/%s", d->data, path);
	return fd;
}

int record_read_file(const struct dirs *d, int folder, const char *id, const char *name, char **ret,
		     size_t *ret_len, struct err *e)
{
	auto_fd int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_free char *path = xasprintf("%s/containers/%s/%s", d->data, id, name);
	auto_free char *text = NULL;

	*ret = NULL;
	*ret_len = 0;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (file_read_fd(fd, path, RECORD_MAX, &text, ret_len, e) < 0)
		return -1;
	if (*ret_len)
		*ret = take_ptr(text);
	return 0;
}

int record_read(const struct dirs *d, int folder, const char *id, struct record *ret, struct err *e)
{
	auto_free char *path = xasprintf("%s/containers/%s/record.json", d->data, id);
	auto_free char *text = NULL;
	size_t n;

	if (record_read_file(d, folder, id, "record.json", &text, &n, e) < 0)
		return -1;
	if (!text)
		return 0;
	if (record_parse(text, n, path, ret, e) < 0)
		return -1;
	if (strcmp(ret->id, id) != 0) {
		record_free(ret);
		return err_msg(e, "%s: it is the record of another container", path);
	}
	return 1;
}

int record_read_state(const struct dirs *d, int folder, const char *id, struct record_state *ret,
		      struct err *e)
{
	auto_free char *path = xasprintf("%s/containers/%s/state.json", d->data, id);
	auto_free char *text = NULL;
	size_t n;

	*ret = (struct record_state){.status = STATUS_CREATED};
	if (record_read_file(d, folder, id, "state.json", &text, &n, e) < 0)
		return -1;
	return text ? record_state_parse(text, n, path, ret, e) : 0;
}
