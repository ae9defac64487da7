/* SPDX-License-Identifier: Apache-2.0 */
/* Two stages of the host process: a scope of the user's systemd, and the container's group. */
#pragma once
#include <stdbool.h>

struct err;
struct live;

/* Whether the plan has systemd make the parent of the group. */
bool host_wants_scope(const struct live *l);
/*
 * Has it made and steps into it: *l->scope. With best effort a failure is told and there is no
 * group.
 */
int host_enter_scope(struct live *l, struct err *e);
/* Forgets it; it goes with the last process in it, which is us. */
void host_leave_scope(struct live *l);
bool host_wants_cgroup(const struct live *l);
/* Makes the group and sets its limits: l->cgroup, l->state.cgroup. */
int host_make_cgroup(struct live *l, struct err *e);
/* Ends what is in it and removes it. */
void host_drop_cgroup(struct live *l);
