/* SPDX-License-Identifier: Apache-2.0 */
/* Whether systemd-logind lets processes outlive the user's last session (loginctl(1), linger). */
#pragma once
#include <stdbool.h>

/*
 * True where the end of the last session ends detached containers: systemd runs, the user is not
 * root, and lingering is not enabled for the user of that name.
 */
bool linger_is_off(const char *user);
/*
 * The same for the caller, whose own cgroup (as beneath the mount, "/user.slice/…") says whether
 * this is a session at all: what a system service starts lives as long as that.
 */
bool linger_ends_us(const char *own_cgroup);
