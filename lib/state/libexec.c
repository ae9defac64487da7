/* SPDX-License-Identifier: Apache-2.0 */
/* Finds rlc's helper programs. */
#include "lib/state/libexec.h"

#include "config.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <fcntl.h>
#include <stdlib.h>

const char *libexec_folder(void)
{
	const char *folder = secure_getenv("RLC_LIBEXEC"); /* ignored when setuid */

	return folder ? folder : RLC_LIBEXECDIR;
}

char *libexec_path(const char *name)
{
	return xasprintf("%s/%s", libexec_folder(), name);
}

int libexec_open(const char *name, struct err *e)
{
	auto_free char *path = libexec_path(name);
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	err_sys(e, "find the helper program %s", path);
	return err_hint(e, "install rlc whole: ninja install puts it there");
}
