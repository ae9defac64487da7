/* SPDX-License-Identifier: Apache-2.0 */
/* The host as the calling process finds it; gathered on the host side before anything is made. */
#include "lib/kernel/facts.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

bool facts_parse_release(const char *release, unsigned int *ret_major, unsigned int *ret_minor)
{
	unsigned int major, minor;

	if (sscanf(release, "%5u.%5u", &major, &minor) != 2)
		return false;
	*ret_major = major;
	*ret_minor = minor;
	return true;
}

bool facts_kernel_is(const struct facts *f, unsigned int major, unsigned int minor)
{
	return f->major > major || (f->major == major && f->minor >= minor);
}

/* The affinity mask, since a container gets no more than its launcher has. */
static unsigned int count_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned int)CPU_COUNT(&set) : 0;
}

int facts_gather(struct facts *ret, struct err *e)
{
	struct facts *f = ret;
	struct utsname names;
	struct passwd *pw;

	f->uid = geteuid();
	f->gid = getegid();
	pw = getpwuid(f->uid);
	if (pw)
		snprintf(f->user, sizeof(f->user), "%s", pw->pw_name);
	else
		snprintf(f->user, sizeof(f->user), "%u", f->uid);
	if (uname(&names) < 0)
		return err_sys(e, "ask for the kernel's release");
	snprintf(f->release, sizeof(f->release), "%s", names.release);
	snprintf(f->machine, sizeof(f->machine), "%s", names.machine);
	if (!facts_parse_release(f->release, &f->major, &f->minor))
		f->major = f->minor = 0;
	f->cpus = count_cpus();
	f->seccomp_mode = prctl(PR_GET_SECCOMP);
	f->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	f->systemd = access("/run/systemd/system", F_OK) == 0;
	return cgroup_find(&f->cgroup, e);
}
