/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lowest layer of every root: empty folders and files where rlc mounts its own. Without it each
 * start would copy /etc and /run of the image up to make them, and remove them at the end.
 */
#pragma once
#include <sys/types.h>

struct dirs;
struct err;

extern const char points_folder[]; /* in the data folder */

/* Makes DATA/points, owned by container root as seen from the host; once there it stays. */
int points_make(const struct dirs *d, uid_t uid, gid_t gid, struct err *e);
