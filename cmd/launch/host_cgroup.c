/* SPDX-License-Identifier: Apache-2.0 */
/* Host: the container's control group, and the scope it is made in where none is delegated. */
#include "cmd/launch/host_cgroup.h"

#include "cmd/launch/live.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/kernel/cgroup.h"
#include "lib/kernel/cgroup_limits.h"
#include "lib/kernel/fix.h"
#include "lib/systemd/scope.h"

void host_leave_scope(struct live *l)
{
	free(l->scope);
	l->scope = NULL;
}

bool host_wants_scope(const struct live *l)
{
	return l->plan->cgroup.by_scope;
}

/* From here on this process is no more where it was started; nothing leads back. */
int host_enter_scope(struct live *l, struct err *e)
{
	const struct plan *p = l->plan;
	auto_free char *name = xasprintf("rlc-%.16s.scope", p->id);

	l->scope = xcalloc(1, sizeof(*l->scope));
	if (scope_enter(name, p->cgroup_parent, l->scope, e) == 0)
		return 0;
	host_leave_scope(l);
	if (!p->limits.best_effort)
		return e->hint[0] ? -1 : err_fix(e, FIX_CGROUP_SCOPE);
	log_warn("going on without limits: %s%s%s", e->what, e->sys ? ": " : "",
		 e->sys ? strerror(e->sys) : "");
	return 0;
}

bool host_wants_cgroup(const struct live *l)
{
	return l->plan->use_cgroup && (!host_wants_scope(l) || l->scope);
}

int host_make_cgroup(struct live *l, struct err *e)
{
	const struct cgroup_place *place = l->scope ? l->scope : &l->plan->cgroup;
	char name[32];

	snprintf(name, sizeof(name), "rlc-%.16s", l->plan->id);
	if (cgroup_create(place, name, &l->cgroup, l->state.cgroup, sizeof(l->state.cgroup), e) < 0)
		return -1;
	if (cgroup_limit(l->cgroup, place, &l->plan->limits, NULL, e) == 0)
		return 0;
	close(take_fd(&l->cgroup));
	cgroup_remove(l->state.cgroup, &(struct err){0});
	return -1;
}

void host_drop_cgroup(struct live *l)
{
	struct err ignored;

	(void)cgroup_kill(l->state.cgroup, &ignored);
	(void)cgroup_remove(l->state.cgroup, &ignored);
	if (l->cgroup >= 0)
		close(take_fd(&l->cgroup));
}
