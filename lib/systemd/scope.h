/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A control group of one's own where none is delegated: the user's systemd makes a scope
 * (systemd.scope(5), with Delegate=yes) and moves the calling process into it. A login session's
 * group belongs to root, the one beside it to the user's systemd, and that asks the system's to
 * move what is the user's: no privilege is needed.
 */
#pragma once
struct cgroup_place;
struct err;

/*
 * Whether systemd could be asked: then p->by_scope is set, with the controllers that it has to hand
 * on. Asks nobody, moves nothing.
 */
void scope_offer(struct cgroup_place *p);
/*
 * Enters a new scope, unit `name`, in `slice` (NULL: systemd's choice), and in it a group
 * "launcher", since one with processes cannot divide itself. p is about the scope then. What
 * systemd answers counts for nothing: /proc/self/cgroup says where we are.
 */
int scope_enter(const char *name, const char *slice, struct cgroup_place *p, struct err *e);
