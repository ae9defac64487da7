/* SPDX-License-Identifier: Apache-2.0 */
/* What a user is told when a container came to the end of its memory or its processes; pure. */
#pragma once

struct cgroup_events;
struct strv;

/*
 * Appends a line for each limit that was reached: none when there was none. name: the container's;
 * status: its exit status as the shell sees it, or -1.
 */
void limit_notice(const char *name, int status, const struct cgroup_events *ev, struct strv *to);
