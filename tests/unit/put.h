/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a file as the kernel would show it, in a folder that stands for one of its own. */
#pragma once
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static inline void put(const char *folder, const char *name, const char *text)
{
	auto_free char *path = xasprintf("%s/%s", folder, name);
	struct err e;

	if (file_write(AT_FDCWD, path, text, strlen(text), 0600, false, &e) < 0)
		printf("# %s\n", e.what);
}
