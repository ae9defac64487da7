/* SPDX-License-Identifier: Apache-2.0 */
/* Lingering as systemd-logind keeps it: a file for each user. */
#include "lib/state/linger.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"

#include <pwd.h>
#include <unistd.h>

bool linger_is_off(const char *user)
{
	auto_free char *path = xasprintf("/var/lib/systemd/linger/%s", user);

	return geteuid() != 0 && access("/run/systemd/system", F_OK) == 0 && access(path, F_OK) < 0;
}

bool linger_ends_us(const char *own_cgroup)
{
	struct passwd *pw = getpwuid(geteuid());

	return pw && str_starts(own_cgroup, "/user.slice/") && linger_is_off(pw->pw_name);
}
