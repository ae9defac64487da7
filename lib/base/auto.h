/* SPDX-License-Identifier: Apache-2.0 */
/* Owners that release themselves at the end of their scope, and how to hand over what they own. */
#pragma once
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define auto_free __attribute__((cleanup(auto_free_)))
#define auto_fd	  __attribute__((cleanup(auto_fd_)))
#define auto_dir  __attribute__((cleanup(auto_dir_)))
#define auto_file __attribute__((cleanup(auto_file_)))

static inline void auto_free_(void *at)
{
	void *p;

	memcpy(&p, at, sizeof(p));
	free(p);
}

static inline void auto_fd_(int *fd)
{
	int keep = errno;

	if (*fd >= 0)
		close(*fd);
	errno = keep;
}

static inline void auto_dir_(DIR **d)
{
	int keep = errno;

	if (*d)
		closedir(*d);
	errno = keep;
}

static inline void auto_file_(FILE **f)
{
	int keep = errno;

	if (*f)
		fclose(*f);
	errno = keep;
}

static inline int take_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

#define take_ptr(p)                                                                                \
	({                                                                                         \
		typeof(p) taken_ = (p);                                                            \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

#define array_len(a) (sizeof(a) / sizeof((a)[0]))
