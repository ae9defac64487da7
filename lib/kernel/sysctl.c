/* SPDX-License-Identifier: Apache-2.0 */
/* Reading kernel switches; used on the host side only, before any namespace is made. */
#include "lib/kernel/sysctl.h"

#include "lib/base/auto.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>

bool sysctl_read(const char *name, char *buf, size_t room)
{
	char path[256];
	auto_fd int fd = -1;
	ssize_t n;

	if (snprintf(path, sizeof(path), "/proc/sys/%s", name) >= (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = fd_read_full(fd, buf, room - 1);
	if (n < 0)
		return false;
	while (n > 0 && isspace((unsigned char)buf[n - 1]))
		n--;
	buf[n] = '\0';
	return true;
}

bool sysctl_read_i64(const char *name, int64_t *ret)
{
	char text[64];

	return sysctl_read(name, text, sizeof(text)) && str_to_i64(text, INT64_MIN, INT64_MAX, ret);
}

bool sysctl_parse_range(const char *text, int64_t *ret_low, int64_t *ret_high)
{
	char low[24], high[24];
	int64_t l, h;
	int end = 0;

	if (sscanf(text, "%23[0-9-]%*[ \t]%23[0-9-] %n", low, high, &end) != 2 || text[end])
		return false;
	if (!str_to_i64(low, INT64_MIN, INT64_MAX, &l) ||
	    !str_to_i64(high, INT64_MIN, INT64_MAX, &h))
		return false;
	*ret_low = l;
	*ret_high = h;
	return true;
}
