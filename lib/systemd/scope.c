/* SPDX-License-Identifier: Apache-2.0 */
/* A scope of the user's systemd for one container; in rlc's own process or the monitor-to-be. */
#include "lib/systemd/scope.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/kernel/cgroup.h"
#include "lib/systemd/bus.h"

#include <fcntl.h>
#include <sys/stat.h>

/* A scope takes milliseconds; a systemd that is busy gets some patience. */
enum { PATIENCE_MS = 10000 };

static const char MANAGER[] = "org.freedesktop.systemd1.Manager";

void scope_offer(struct cgroup_place *p)
{
	const unsigned int uid = geteuid();
	auto_free char *manager =
	    xasprintf("%s/user.slice/user-%u.slice/user@%u.service", p->mount, uid, uid);
	struct sockaddr_un address;
	socklen_t n;

	if (!*p->mount || !bus_find(&address, &n))
		return;
	p->by_scope = true;
	cgroup_peek(p, manager);
}

/* StartTransientUnit(in s name, in s mode, in a(sv) properties, in a(sa(sv)) aux, out o job). */
static void add_unit(struct str *body, const char *name, const char *slice)
{
	size_t list;

	bus_add_text(body, name);
	bus_add_text(body, "fail");
	list = bus_begin_array(body, 8);
	bus_add_text_property(body, "Description", "rlc container");
	bus_add_text_property(body, "CollectMode", "inactive-or-failed");
	bus_add_bool_property(body, "Delegate", true);
	bus_add_u32_list_property(body, "PIDs", (uint32_t)getpid());
	if (slice)
		bus_add_text_property(body, "Slice", slice);
	bus_end_array(body, list, 8);
	bus_end_array(body, bus_begin_array(body, 8), 8);
}

/* Without it the bus keeps systemd's signals from us. */
static uint32_t listen_for_jobs(struct bus *b, struct err *e)
{
	static const struct bus_call call = {.destination = "org.freedesktop.DBus",
					     .path = "/org/freedesktop/DBus",
					     .interface = "org.freedesktop.DBus",
					     .member = "AddMatch",
					     .signature = "s"};
	auto_str struct str body = {0};

	bus_add_text(&body, "type='signal',sender='org.freedesktop.systemd1',"
			    "interface='org.freedesktop.systemd1.Manager',member='JobRemoved',"
			    "path='/org/freedesktop/systemd1'");
	return bus_send(b, &call, &body, e);
}

static uint32_t ask_for_scope(struct bus *b, const char *name, const char *slice, struct err *e)
{
	const struct bus_call call = {.destination = "org.freedesktop.systemd1",
				      .path = "/org/freedesktop/systemd1",
				      .interface = MANAGER,
				      .member = "StartTransientUnit",
				      .signature = "ssa(sv)a(sa(sv))"};
	auto_str struct str body = {0};

	add_unit(&body, name, slice);
	return bus_send(b, &call, &body, e);
}

/* JobRemoved(u id, o job, s unit, s result) of that unit: 1 with *ret_result. */
static int is_end_of(const struct bus_message *m, const char *name, const char **ret_result)
{
	const char *job, *unit;
	size_t at = 0;
	uint32_t id;

	return m->type == BUS_SIGNAL && strcmp(m->interface, MANAGER) == 0 &&
	       strcmp(m->member, "JobRemoved") == 0 && strcmp(m->signature, "uoss") == 0 &&
	       bus_read_u32(m, &at, &id) && bus_read_text(m, &at, &job) &&
	       bus_read_text(m, &at, &unit) && bus_read_text(m, &at, ret_result) &&
	       strcmp(unit, name) == 0;
}

static int start_scope(const char *name, const char *slice, struct err *e)
{
	struct bus_message m;
	uint32_t match, ask;
	const char *result;
	struct bus b;
	int rc = -1;

	if (bus_open(&b, PATIENCE_MS, e) < 0)
		return -1;
	match = listen_for_jobs(&b, e);
	ask = match ? ask_for_scope(&b, name, slice, e) : 0;
	while (ask) {
		if (bus_receive(&b, &m, e) < 0 || bus_check_answer(&m, match, e) < 0 ||
		    bus_check_answer(&m, ask, e) < 0)
			break;
		if (!is_end_of(&m, name, &result))
			continue;
		rc = strcmp(result, "done") == 0 ? 0 : err_msg(e, "systemd could not start it");
		break;
	}
	bus_close(&b);
	return rc;
}

/* A group that holds processes cannot hand controllers on: ours goes into one of its own. */
static int step_aside(const char *scope, struct err *e)
{
	auto_free char *path = xasprintf("%s/launcher", scope);
	auto_fd int group = -1;

	if (mkdir(path, 0755) < 0)
		return err_sys(e, "make cgroup %s", path);
	group = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (group < 0)
		return err_sys(e, "open cgroup %s", path);
	return cgroup_write(group, "cgroup.procs", "0", e);
}

static int divide(const char *name, struct cgroup_place *p, struct err *e)
{
	auto_free char *tail = xasprintf("/%s", name);
	auto_free char *scope = NULL;
	struct cgroup_place found;

	if (cgroup_find(&found, e) < 0)
		return -1;
	if (!str_ends(found.own, tail))
		return err_msg(e, "systemd says that it is done, but this process is in %s",
			       found.own);
	scope = xasprintf("%s%s", found.mount, found.own);
	if (step_aside(scope, e) < 0 || cgroup_place_beneath(&found, scope, e) < 0)
		return -1;
	*p = found;
	return 0;
}

int scope_enter(const char *name, const char *slice, struct cgroup_place *p, struct err *e)
{
	if (start_scope(name, slice, e) < 0 || divide(name, p, e) < 0)
		return err_ctx(e, "have systemd make %s%s%s", name, slice ? " in " : "",
			       slice ? slice : "");
	return 0;
}
