/* SPDX-License-Identifier: Apache-2.0 */
/* Lends the files of an OCI layout to rlc-image; runs in rlc, as the user. */
#include "storage/folder.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/path.h"
#include "lib/base/str.h"
#include "storage/reference.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

bool folder_name_is_allowed(const char *name)
{
	static const char blobs[] = "blobs/sha256/";

	if (strcmp(name, "index.json") == 0 || strcmp(name, "oci-layout") == 0)
		return true;
	return str_starts(name, blobs) && strlen(name) == sizeof(blobs) - 1 + 64 &&
	       reference_is_id(name + sizeof(blobs) - 1);
}

/* A layout may be made of symlinks, but only to what is in it; a fifo would hang us. */
static int open_file(int folder, const char *name)
{
	auto_fd int fd = path_open_in(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		errno = EINVAL;
		return -1;
	}
	return take_fd(&fd);
}

int folder_serve(int sock, int folder, struct err *e)
{
	char name[FOLDER_NAME_MAX + 1];
	auto_fd int fd = -1;
	char answer = FOLDER_FOUND;
	ssize_t n;

	do
		n = recv(sock, name, sizeof(name) - 1, 0);
	while (n < 0 && errno == EINTR);
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return 0;
	if (n < 0)
		return err_sys(e, "hear what rlc-image asks for");
	name[n] = '\0';
	if (folder_name_is_allowed(name))
		fd = open_file(folder, name);
	else
		errno = EACCES;
	if (fd >= 0)
		n = fd_send(sock, &answer, 1, fd) < 0 ? -1 : 1;
	else {
		answer = errno == ENOENT ? FOLDER_ABSENT : FOLDER_REFUSED;
		n = send(sock, &answer, 1, MSG_NOSIGNAL);
	}
	/* It may have died of another error, which it has told by its pipe. */
	return n < 0 ? 0 : 1;
}
