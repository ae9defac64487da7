/* SPDX-License-Identifier: Apache-2.0 */
/* Mount flags as words; pure, used where a plan is shown. */
#include "cmd/launch/mount_options.h"

#include "cmd/launch/plan.h"
#include "lib/base/auto.h"

#include <sys/mount.h>

struct flag_name {
	unsigned long flag;
	const char *name;
};

static const struct flag_name flags[] = {
    {MS_RDONLY, "ro"},	   {MS_NOSUID, "nosuid"},   {MS_NODEV, "nodev"},
    {MS_NOEXEC, "noexec"}, {MS_NOATIME, "noatime"}, {MS_STRICTATIME, "strictatime"},
};

/* With a recursive bind the same word says it of every mount beneath ("r" before it). */
static const struct flag_name propagations[] = {
    {MS_PRIVATE, "rprivate"},
    {MS_SLAVE, "rslave"},
    {MS_SHARED, "rshared"},
    {MS_UNBINDABLE, "runbindable"},
};

void mount_options(const struct plan_mount *m, struct strv *ret)
{
	if (m->kind == PLAN_BIND || m->kind == PLAN_FILE)
		strv_add(ret, m->recursive ? "rbind" : "bind");
	if (m->asked && !(m->flags & MS_RDONLY))
		strv_add(ret, "rw");
	for (size_t i = 0; i < array_len(flags); i++)
		if (m->flags & flags[i].flag)
			strv_add(ret, flags[i].name);
	for (size_t i = 0; i < array_len(propagations); i++)
		if (m->propagation & propagations[i].flag)
			strv_add(ret, propagations[i].name + !m->recursive);
	if (m->copy_up)
		strv_add(ret, "tmpcopyup");
	if (m->data)
		strv_split(ret, m->data, ",");
}
