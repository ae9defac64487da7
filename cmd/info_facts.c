/* SPDX-License-Identifier: Apache-2.0 */
/* Collects what `rlc info` tells; the names of the members are an interface for scripts. */
#include "cmd/info_facts.h"

#include "cmd/check.h"
#include "config.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/feature.h"
#include "lib/kernel/filesystem.h"
#include "lib/kernel/lsm.h"
#include "lib/kernel/program.h"
#include "lib/kernel/sysctl.h"
#include "lib/state/dirs.h"
#include "lib/state/libexec.h"
#include "storage/rootfs_probe.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <yaml.h>

/* Value of PRETTY_NAME in os-release(5), owned by the caller, or NULL. */
static char *system_name(void)
{
	static const char key[] = "PRETTY_NAME=";
	auto_strv struct strv lines = {0};
	auto_free char *text = NULL;
	struct err ignored;

	if (file_read(AT_FDCWD, "/etc/os-release", 65536, &text, NULL, &ignored) < 0)
		return NULL;
	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		char *value = lines.v[i] + strlen(key);

		if (!str_starts(lines.v[i], key))
			continue;
		value += strspn(value, "\"'");
		value[strcspn(value, "\"'")] = '\0';
		return xstrdup(value);
	}
	return NULL;
}

static void add_versions(struct json_object *j)
{
	const struct scmp_version *seccomp = seccomp_version();
	struct json_object *o = json_add_object(j, "version");
	auto_free char *text =
	    xasprintf("%u.%u.%u", seccomp->major, seccomp->minor, seccomp->micro);

	json_add_str(o, "rlc", RLC_VERSION);
	json_add_str(o, "libseccomp", text);
	json_add_str(o, "json-c", json_c_version());
	json_add_str(o, "libyaml", yaml_get_version_string());
}

static void add_host(struct json_object *j, const struct facts *f)
{
	struct json_object *o = json_add_object(j, "host");
	auto_free char *system = system_name();
	char hostname[256] = "";
	struct sysinfo memory;

	if (gethostname(hostname, sizeof(hostname) - 1) == 0)
		json_add_str(o, "hostname", hostname);
	json_add_str(o, "os", system);
	json_add_str(o, "machine", f->machine);
	json_add_i64(o, "cpus", f->cpus);
	if (sysinfo(&memory) == 0) {
		json_add_i64(o, "memory", (int64_t)memory.totalram * memory.mem_unit);
		json_add_i64(o, "swap", (int64_t)memory.totalswap * memory.mem_unit);
	}
	json_add_str(o, "user", f->user);
	json_add_i64(o, "uid", f->uid);
	json_add_i64(o, "gid", f->gid);
	json_add_bool(o, "rootless", f->uid != 0);
	json_add_bool(o, "systemd", f->systemd);
}

static void replace(char *text, char from, char to)
{
	while ((text = strchr(text, from)))
		*text = to;
}

/* Switches that decide what an unprivileged user may do; those the kernel lacks are left out. */
static void add_sysctls(struct json_object *o)
{
	static const char *const names[] = {
	    "kernel/unprivileged_userns_clone",
	    "kernel/apparmor_restrict_unprivileged_userns",
	    "kernel/unprivileged_bpf_disabled",
	    "kernel/io_uring_disabled",
	    "kernel/yama/ptrace_scope",
	    "user/max_user_namespaces",
	    "user/max_net_namespaces",
	    "net/ipv4/ping_group_range",
	    "net/ipv4/ip_unprivileged_port_start",
	    "vm/unprivileged_userfaultfd",
	};
	struct json_object *list = json_add_object(o, "sysctl");

	for (size_t i = 0; i < array_len(names); i++) {
		auto_free char *key = xstrdup(names[i]);
		char value[256];

		if (!sysctl_read(names[i], value, sizeof(value)))
			continue;
		replace(key, '/', '.');
		replace(value, '\t', ' ');
		json_add_str(list, key, value);
	}
}

static void add_kernel(struct json_object *j, const struct facts *f)
{
	struct json_object *o = json_add_object(j, "kernel"), *list;
	auto_strv struct strv modules = {0};

	json_add_str(o, "release", f->release);
	json_add_i64(o, "major", f->major);
	json_add_i64(o, "minor", f->minor);
	list = json_add_object(o, "features");
	for (size_t i = 0; i < FEATURES; i++)
		json_add_bool(list, features[i].name, features[i].probe() == 0);
	json_add_bool(list, "cgroup-kill", facts_kernel_is(f, 5, 14));
	json_add_i64(o, "landlock_abi", landlock_abi());
	(void)lsm_list(&modules); /* an incomplete list is better than none */
	json_add_strv(o, "security_modules", &modules);
	add_sysctls(o);
}

static void add_controllers(struct json_object *o, const char *key, uint32_t controllers)
{
	auto_strv struct strv names = {0};

	for (unsigned int c = 0; c < CGROUP_CONTROLLERS; c++)
		if (controllers & 1u << c)
			strv_add(&names, cgroup_controller_name((enum cgroup_controller)c));
	json_add_strv(o, key, &names);
}

static void add_cgroup(struct json_object *j, const struct cgroup_place *p)
{
	struct json_object *o = json_add_object(j, "cgroup");
	auto_free char *text = NULL;
	struct err ignored;
	uint32_t v1 = 0;

	if (file_read(AT_FDCWD, "/proc/self/cgroup", 1 << 20, &text, NULL, &ignored) == 0)
		v1 = cgroup_parse_v1(text);
	json_add_str(o, "version", !*p->mount ? "none" : v1 ? "hybrid" : "v2");
	json_add_str(o, "mount", *p->mount ? p->mount : NULL);
	json_add_str(o, "own", *p->own ? p->own : NULL);
	json_add_bool(o, "delegated", p->delegated);
	json_add_str(o, "parent", p->delegated ? p->parent : NULL);
	add_controllers(o, "controllers", p->delegated ? p->controllers : 0);
	add_controllers(o, "controllers_v1", v1);
}

static void add_ranges(struct json_object *o, const char *key, const struct id_range *list,
		       size_t n)
{
	struct json_object *a = json_add_array(o, key);

	for (size_t i = 0; i < n; i++) {
		struct json_object *range = json_object_new_object();

		json_add_i64(range, "container_id", list[i].inside);
		json_add_i64(range, "host_id", list[i].outside);
		json_add_i64(range, "size", list[i].count);
		json_object_array_add(a, range);
	}
}

static void add_idmap(struct json_object *j, struct check_host *h)
{
	struct json_object *o = json_add_object(j, "idmap");
	auto_free char *uids = idmap_helper_path("newuidmap");
	auto_free char *gids = idmap_helper_path("newgidmap");
	struct check_result r = {0};

	check_subordinate_ids(h, &r);
	json_add_bool(o, "single", h->map.single);
	json_add_str(o, "why_single", h->map.single ? r.finding : NULL);
	json_add_str(o, "newuidmap", uids);
	json_add_str(o, "newgidmap", gids);
	add_ranges(o, "uid", h->map.uid, h->map.n_uid);
	add_ranges(o, "gid", h->map.gid, h->map.n_gid);
}

/* One layer of what confines a container: whether a run has it by default, and why or why not. */
static void add_layer(struct json_object *list, const char *name, bool on, const char *reason)
{
	struct json_object *o = json_add_object(list, name);

	json_add_bool(o, "on", on);
	json_add_str(o, "reason", reason);
}

static void add_module_layer(struct json_object *list, const char *name, const struct strv *modules)
{
	add_layer(list, name, false,
		  strv_has(modules, name) ? "active in this kernel; rlc sets no rules of its own"
					  : "not active in this kernel");
}

/* Containers have no rules of it; what holds rlc's own helpers is told all the same. */
static void add_landlock(struct json_object *list)
{
	int why = features[FEATURE_LANDLOCK].probe();
	auto_free char *reason =
	    why ? xasprintf("it is %s: rlc's helpers go without it too", landlock_why_none(why))
		: xasprintf("ABI %d holds rlc's helpers; rlc sets no rules for containers",
			    landlock_abi());

	add_layer(list, "landlock", false, reason);
}

static void add_security(struct json_object *j, struct check_host *h, const char *userns)
{
	struct json_object *list = json_add_object(j, "security");
	auto_strv struct strv modules = {0};
	auto_free char *caps = xasprintf("%d of %d are kept", __builtin_popcountll(caps_default),
					 __builtin_popcountll(caps_all()));
	bool filters = features[FEATURE_SECCOMP_FILTER].probe() == 0;
	auto_free char *root = xasprintf("container root is uid %lld outside",
					 (long long)idmap_uid_outside(&h->map, 0));

	(void)lsm_list(&modules); /* an incomplete list is better than none */
	add_layer(list, "user-namespace", h->userns_works, h->userns_works ? root : userns);
	add_layer(list, "capabilities", true, caps);
	add_layer(list, "seccomp", filters,
		  filters ? "the built-in profile; --security-opt seccomp=FILE for another"
			  : "this kernel takes no filter");
	add_layer(list, "no-new-privileges", false,
		  "asked for by --security-opt no-new-privileges");
	add_layer(list, "masked-paths", true, "parts of /proc and /sys are hidden or read-only");
	add_landlock(list);
	add_module_layer(list, "apparmor", &modules);
	add_module_layer(list, "selinux", &modules);
}

static void add_storage(struct json_object *j, struct check_host *h)
{
	struct json_object *o = json_add_object(j, "storage");
	auto_free char *program = program_find(rootfs_fuse.program), *why = NULL;
	struct rootfs_host host = {.program = program};
	const struct rootfs_driver *driver = NULL;
	struct check_result r = {0};
	struct statfs fs;
	struct err e = {0};
	bool tried = false;

	check_overlay(h, &r);
	if (h->dirs && rootfs_probe(h->dirs, &h->map, true, &host, &tried, &e) < 0)
		log_debug("%s", e.what);
	if (rootfs_choose(h->storage_driver, &host, &driver, &why, &e) < 0)
		why = xstrdup(e.what);
	json_add_str(o, "driver", driver ? driver->name : h->storage_driver);
	json_add_bool(o, "works", tried && driver);
	json_add_str(o, "why", why);
	json_add_str(o, "finding", r.finding);
	if (!h->dirs || statfs(h->dirs->data, &fs) < 0)
		return;
	json_add_str(o, "filesystem", filesystem_name((uint64_t)fs.f_type & 0xffffffff));
	json_add_i64(o, "free", (int64_t)fs.f_bavail * (int64_t)fs.f_bsize);
}

static void add_dirs(struct json_object *j, const struct check_host *h)
{
	struct json_object *o = json_add_object(j, "dirs");

	if (h->dirs) {
		json_add_str(o, "data", h->dirs->data);
		json_add_str(o, "run", h->dirs->run);
	} else {
		json_add_str(o, "error", h->dirs_error.what);
	}
	json_add_str(o, "libexec", libexec_folder());
	json_add_str(o, "sysconf", RLC_SYSCONFDIR);
}

struct json_object *info_collect(struct check_host *h)
{
	struct json_object *j = json_object_new_object();
	struct check_result userns = {0};

	check_user_namespaces(h, &userns);
	add_versions(j);
	add_host(j, &h->facts);
	add_kernel(j, &h->facts);
	add_cgroup(j, &h->facts.cgroup);
	add_idmap(j, h);
	add_security(j, h, userns.finding);
	add_storage(j, h);
	add_dirs(j, h);
	return j;
}
