/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans from fixed requests, images and hosts, compared with golden/NAME.txt and golden/NAME.json;
 * RLC_UPDATE_GOLDEN=1 writes them anew. Needs no privilege: planning opens nothing.
 */
#include "cmd/launch/plan.h"
#include "cmd/launch/plan_oci.h"
#include "cmd/launch/plan_print.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "tests/unit/plan_scene.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/resource.h>

static const char *golden; /* folder of the expected texts */

/* --- golden plans ----------------------------------------------------------------------------- */

static void case_defaults(struct scene *c)
{
	(void)c;
}

static void case_read_only(struct scene *c)
{
	c->spec.read_only = true;
	add_tmpfs(c, "/tmp");
}

static void case_read_only_bare(struct scene *c)
{
	c->spec.read_only = true;
	c->spec.read_only_tmpfs = false;
	c->spec.remove = true;
	add_bind(c, "/opt/shm", "/dev/shm");
}

static void case_privileged(struct scene *c)
{
	static const char *const nodes[] = {"/dev/null", "/dev/fuse", "/dev/kvm", NULL};

	c->spec.privileged = true;
	c->host.host_devices = nodes;
	strv_add(&c->spec.cap_drop, "SYS_MODULE");
}

static void case_host_network(struct scene *c)
{
	c->spec.network = NET_HOST;
	c->host.sysfs_shared = true;
}

static void case_no_network(struct scene *c)
{
	c->spec.network = NET_NONE;
	strv_add(&c->spec.add_hosts, "192.0.2.7\tdb");
}

/* Everything that may be said of a private network; the image's own resolv.conf comes later. */
static void case_slirp(struct scene *c)
{
	c->spec.network_options = xstrdup("mtu=9000,cidr=10.1.0.0/16,allow_host_loopback=true,"
					  "outbound_addr=192.0.2.1,outbound_addr6=2001:db8::1");
	set_list(&c->spec.dns, "192.0.2.53");
	set_list(&c->spec.dns_search, "lan");
	set_list(&c->spec.dns_options, "ndots:2");
	strv_add(&c->spec.add_hosts, "host-gateway\tme");
}

static void case_own_names(struct scene *c)
{
	const uint8_t address[4] = {192, 0, 2, 2};

	memcpy(c->host.address, address, sizeof(address));
	c->spec.no_dns = c->spec.no_hostname = true;
	strv_add(&c->spec.add_hosts, "host-gateway\tme");
}

/* A whole home with rlc's folders in it, a deeper tmpfs asked for first, every option. */
static void case_volumes(struct scene *c)
{
	struct spec_mount *m = add_tmpfs(c, "/all/tmp/deep");

	m->data = xstrdup("size=64m,mode=0700");
	m = add_bind(c, "/home/ann", "/all");
	m->propagation = MS_SLAVE | MS_REC;
	m = add_bind(c, "/opt/tool", "/tool");
	m->flags |= MS_RDONLY | MS_NOEXEC | MS_NOATIME;
	m->recursive = false;
	m->propagation = MS_UNBINDABLE;
	m = add_bind(c, "/opt/data", "/data");
	m->clear = MS_NODEV | MS_NOSUID;
	m->flags = 0;
	m->chown = true;
	m = add_bind(c, "/", "/host");
	m->flags |= MS_RDONLY;
	m = add_bind(c, "/opt/empty", "/host/etc/rlc");
	m->propagation = MS_SHARED;
	add_bind(c, "/opt/hosts", "/etc/hosts");
}

/* What lies in a folder of the host is not added to, what lies in a tmpfs is. */
static void case_covered(struct scene *c)
{
	add_bind(c, "/dev", "/dev");
	add_bind(c, "/opt/etc", "/etc");
	add_tmpfs(c, "/run");
	add_bind(c, "/sys", "/sys");
}

static void case_terminal(struct scene *c)
{
	c->spec.terminal = c->spec.interactive = c->spec.init = c->spec.remove = true;
	add_tmpfs(c, "/dev");
}

static void case_single(struct scene *c)
{
	c->host.map.single = true;
	c->host.map.n_uid = c->host.map.n_gid = 1;
	snprintf(c->host.map.why_single, sizeof(c->host.map.why_single),
		 "newuidmap is not installed (sudo apt install uidmap)");
	strv_add(&c->spec.group_add, "7");
	strv_free(&c->image.layers);
}

static void case_user(struct scene *c)
{
	c->spec.user = xstrdup("33:44");
	set_list(&c->spec.cap_add, "NET_RAW cap_chown");
	set_list(&c->spec.cap_drop, "KILL");
	set_list(&c->spec.group_add, "7 audio");
	c->spec.no_new_privs = YES;
	c->spec.umask = 077;
	c->spec.seccomp = xstrdup("/home/ann/strict.json");
	set_list(&c->spec.mask, "/secret");
	set_list(&c->spec.unmask, "/proc/k* /sys/firmware");
	set_list(&c->spec.env, "HOME=/tmp LANG=de_DE.UTF-8");
	set_list(&c->spec.labels, "version=2 mine=");
}

static void case_rootfs(struct scene *c)
{
	c->no_image = true;
	free(c->spec.image);
	c->spec.image = NULL;
	c->spec.rootfs = xstrdup("/home/./ann/");
	set_list(&c->spec.args, "/bin/sh -c true");
	c->spec.unmask_all = true;
}

static void case_limits(struct scene *c)
{
	struct spec_rlimit *r = spec_add_rlimit(&c->spec);

	*r = (struct spec_rlimit){RLIMIT_NOFILE, 1024, UINT64_MAX};
	c->host.cgroup = (struct cgroup_place){.parent = "/sys/fs/cgroup/user.slice/ann",
					       .mount = "/sys/fs/cgroup",
					       .delegated = true,
					       .controllers = 1U << CGROUP_MEMORY |
							      1U << CGROUP_PIDS | 1U << CGROUP_CPU};
	c->spec.limits.memory = 256 << 20;
	c->spec.limits.cpu_quota = 150000;
	c->spec.detach = true;
	c->spec.no_new_privs = YES;
	c->spec.cidfile = xstrdup("/home/ann/cid");
	c->spec.oom_score_adj = 500;
	c->spec.stop_signal = xstrdup("RTMIN+3");
	c->spec.stop_timeout = 3;
	c->spec.shm_size = 1 << 20;
	c->spec.hostname = xstrdup("db");
	add_device(c, "/dev/fuse", "/dev/fuse");
	add_device(c, "/dev/sda", "/dev/disk");
	c->spec.devices[1].read_only = true;
}

static void case_real_root(struct scene *c)
{
	c->host.map = (struct id_map){.uid = {{0, 1878982656, 65536}},
				      .gid = {{0, 1878982656, 65536}},
				      .n_uid = 1,
				      .n_gid = 1,
				      .direct = true};
	c->host.data = "/var/lib/rlc";
	c->host.run = "/run/rlc";
	c->spec.seccomp = xstrdup("unconfined");
	set_list(&c->spec.cap_add, "ALL");
	c->spec.limits.pids = 0;
	c->host.cgroup = (struct cgroup_place){.parent = "/sys/fs/cgroup",
					       .mount = "/sys/fs/cgroup",
					       .delegated = true,
					       .controllers = 1U << CGROUP_PIDS};
}

/* An image may hold anything: no escape reaches the terminal, no line is forged. */
static void case_hostile(struct scene *c)
{
	strv_add(&c->spec.args, "\033[2J\nuser           root");
	strv_add(&c->image.config.env, "A=\xc2\x9b"
				       "31m\xff\x7f");
	xstr_set(&c->image.config.user, "a\rb");
	xstr_set(&c->image.config.workdir, "/\xc3\xa4\t/..//x\001");
	strv_add(&c->image.config.labels, "k\033=v\n");
	add_bind(c, "/opt/a\nb", "/m\033c");
}

static const struct {
	const char *name;
	void (*change)(struct scene *c);
	bool oci; /* golden/NAME.json as well */
} cases[] = {
    {"defaults", case_defaults, true},
    {"read-only", case_read_only, false},
    {"read-only-bare", case_read_only_bare, true},
    {"privileged", case_privileged, false},
    {"host-network", case_host_network, true},
    {"no-network", case_no_network, false},
    {"slirp", case_slirp, true},
    {"own-names", case_own_names, false},
    {"volumes", case_volumes, true},
    {"covered", case_covered, false},
    {"terminal", case_terminal, true},
    {"single", case_single, false},
    {"user", case_user, true},
    {"rootfs", case_rootfs, true},
    {"limits", case_limits, true},
    {"real-root", case_real_root, false},
    {"hostile", case_hostile, false},
};

/* The first line that differs, for the failure's report. */
static void show_difference(const char *got, const char *wanted)
{
	for (size_t line = 1;; line++) {
		size_t n = strcspn(got, "\n"), m = strcspn(wanted, "\n");

		if (n != m || memcmp(got, wanted, n) != 0) {
			printf("# line %zu: got    %.*s\n", line, (int)n, got);
			printf("# line %zu: wanted %.*s\n", line, (int)m, wanted);
			return;
		}
		if (!got[n] || !wanted[m])
			return;
		got += n + 1;
		wanted += m + 1;
	}
}

static void compare(const char *name, const char *suffix, const char *got)
{
	auto_free char *path = xasprintf("%s/%s.%s", golden, name, suffix), *wanted = NULL;
	struct err e = {0};
	bool same;

	if (getenv("RLC_UPDATE_GOLDEN"))
		(void)file_write(AT_FDCWD, path, got, strlen(got), 0644, false, &e);
	if (file_read(AT_FDCWD, path, 1 << 20, &wanted, NULL, &e) < 0) {
		ok(false, "%s", e.what);
		return;
	}
	same = strcmp(got, wanted) == 0;
	ok(same, "plan %s.%s", name, suffix);
	if (!same)
		show_difference(got, wanted);
}

/* Read back, so that it is one JSON value, and laid out for eyes. */
static char *readable(const char *json)
{
	auto_json struct json_object *o = NULL;
	struct err e = {0};

	if (json_parse(json, strlen(json), "plan_to_oci", &o, &e) < 0)
		return xstrdup(e.what);
	return xasprintf("%s\n", json_object_to_json_string_ext(
				     o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

static bool only_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 && *text != '\n')
			return false;
	return true;
}

static void test_golden(void)
{
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *text = NULL, *json = NULL, *pretty = NULL;
		struct plan p;
		struct err e = {0};
		struct scene c;

		scene_begin(&c);
		cases[i].change(&c);
		if (scene_plan(&c, &p, &e) < 0) {
			ok(false, "plan %s: %s", cases[i].name, e.what);
			scene_end(&c);
			continue;
		}
		/* The plan must stand without what it was made from. */
		scene_end(&c);
		text = plan_to_text(&p);
		compare(cases[i].name, "txt", text);
		ok(only_printable(text), "%s: no control byte", cases[i].name);
		json = plan_to_oci(&p);
		pretty = readable(json);
		if (cases[i].oci)
			compare(cases[i].name, "json", pretty);
		plan_free(&p);
	}
}

/* --- what is refused -------------------------------------------------------------------------- */

static void bad_own_store(struct scene *c)
{
	add_bind(c, "/home/ann/.local/share/rlc/layers", "/x");
}

static void bad_own_run(struct scene *c)
{
	add_bind(c, "/run/user/1000/rlc", "/x");
}

static void bad_own_device(struct scene *c)
{
	add_device(c, "/home/ann/.local/share/rlc", "/x");
}

static void bad_own_rootfs(struct scene *c)
{
	case_rootfs(c);
	xstr_set(&c->spec.rootfs, "/home/ann/.local/share/rlc/layers/aaaa");
}

static void bad_rootfs(struct scene *c)
{
	case_rootfs(c);
	xstr_set(&c->spec.rootfs, "/.");
}

static void bad_proc(struct scene *c)
{
	add_tmpfs(c, "/proc/sys");
}

static void bad_proc_device(struct scene *c)
{
	add_device(c, "/dev/null", "/proc/version");
}

static void bad_root(struct scene *c)
{
	add_bind(c, "/opt", "/");
}

static void bad_twice(struct scene *c)
{
	add_bind(c, "/opt", "/x");
	add_tmpfs(c, "/x");
}

static void bad_command(struct scene *c)
{
	strv_free(&c->image.config.entrypoint);
	strv_free(&c->image.config.cmd);
}

static void bad_entrypoint(struct scene *c)
{
	c->spec.has_entrypoint = true;
}

static void bad_empty_command(struct scene *c)
{
	strv_free(&c->image.config.entrypoint);
	strv_add(&c->spec.args, "");
}

static void bad_driver(struct scene *c)
{
	c->spec.storage_driver = xstrdup("zfs");
}

static void bad_workdir(struct scene *c)
{
	c->spec.workdir = xstrdup("srv");
}

static void bad_stop_signal(struct scene *c)
{
	c->spec.stop_signal = xstrdup("HUGE");
}

static void bad_image_signal(struct scene *c)
{
	c->image.config.stop_signal = xstrdup("SIGNOTHING");
}

static void bad_cap_add(struct scene *c)
{
	strv_add(&c->spec.cap_add, "NET_RWA");
}

static void bad_cap_privileged(struct scene *c)
{
	c->spec.privileged = true;
	strv_add(&c->spec.cap_drop, "NOTHING");
}

static void bad_limits(struct scene *c)
{
	c->spec.limits.memory = 1 << 30;
}

static const struct {
	const char *name;
	void (*change)(struct scene *c);
	const char *what, *hint; /* parts of the error */
} refusals[] = {
    {"volume in the own store", bad_own_store,
     "volume /home/ann/.local/share/rlc/layers lies in rlc's own folder", "keep it elsewhere"},
    {"volume of the own run folder", bad_own_run, "/run/user/1000/rlc", "elsewhere"},
    {"device in the own store", bad_own_device, "device /home/ann/.local/share/rlc lies in", ""},
    {"--rootfs in the own store", bad_own_rootfs, "--rootfs /home/ann/.local/share/rlc/layers", ""},
    {"--rootfs /", bad_rootfs, "--rootfs /", "name a folder"},
    {"mount over /proc", bad_proc, "mount on /proc/sys", "another target"},
    {"device over /proc", bad_proc_device, "mount on /proc/version", "another target"},
    {"mount on /", bad_root, "mount on /:", "--rootfs"},
    {"two mounts on one target", bad_twice, "two mounts on /x", "keep one"},
    {"no command", bad_command, "web names no command", "rlc run web COMMAND"},
    {"entrypoint taken away", bad_entrypoint, "web names no command", "rlc run web COMMAND"},
    {"empty command", bad_empty_command, "web names no command", "rlc run web COMMAND"},
    {"unknown driver", bad_driver, "no storage driver \"zfs\"", "overlay"},
    {"relative --workdir", bad_workdir, "--workdir srv is not absolute", "begin it with /"},
    {"unknown --stop-signal", bad_stop_signal, "\"HUGE\" (--stop-signal)", "kill -l"},
    {"unknown STOPSIGNAL", bad_image_signal, "\"SIGNOTHING\" (STOPSIGNAL of the image)", ""},
    {"unknown capability", bad_cap_add, "no capability \"NET_RWA\"", "NET_RAW"},
    {"unknown capability with --privileged", bad_cap_privileged, "\"NOTHING\"", ""},
    {"limit without control groups", bad_limits, "memory", "best-effort"},
};

static void test_refusals(void)
{
	for (size_t i = 0; i < array_len(refusals); i++) {
		struct plan p = {.n_mounts = 77};
		struct err e = {0};
		struct scene c;

		scene_begin(&c);
		refusals[i].change(&c);
		ok(scene_plan(&c, &p, &e) == -1 && strstr(e.what, refusals[i].what) &&
		       strstr(e.hint, refusals[i].hint) && e.exit == EXIT_LAUNCHER &&
		       p.n_mounts == 77,
		   "%s is refused: %s", refusals[i].name, e.what);
		scene_end(&c);
	}
}

/* --- single decisions ------------------------------------------------------------------------- */

/* entrypoint, arguments: " " stands for given and empty, NULL for not given. */
static const struct {
	const char *image_entrypoint, *image_cmd, *entrypoint, *args, *wanted;
} commands[] = {
    {"/e", "c", NULL, NULL, "/e c"},   {"/e", "c", NULL, "a b", "/e a b"},
    {"/e", "c", "/x y", NULL, "/x y"}, {"/e", "c", "/x", "a", "/x a"},
    {"/e", "c", "", "a b", "a b"},     {NULL, "c d", NULL, NULL, "c d"},
    {NULL, "c d", NULL, "a", "a"},     {"/e", NULL, NULL, NULL, "/e"},
};

static void test_commands(void)
{
	for (size_t i = 0; i < array_len(commands); i++) {
		auto_str struct str got = {0};
		struct plan p;
		struct err e = {0};
		struct scene c;

		scene_begin(&c);
		set_list(&c.image.config.entrypoint,
			 commands[i].image_entrypoint ? commands[i].image_entrypoint : "");
		set_list(&c.image.config.cmd, commands[i].image_cmd ? commands[i].image_cmd : "");
		c.spec.has_entrypoint = commands[i].entrypoint != NULL;
		set_list(&c.spec.entrypoint, commands[i].entrypoint ? commands[i].entrypoint : "");
		set_list(&c.spec.args, commands[i].args ? commands[i].args : "");
		if (scene_plan(&c, &p, &e) == 0) {
			for (size_t j = 0; j < p.args.n; j++)
				str_addf(&got, "%s%s", j ? " " : "", p.args.v[j]);
			plan_free(&p);
		}
		ok(strcmp(str_get(&got), commands[i].wanted) == 0, "command %zu is \"%s\": %s", i,
		   commands[i].wanted, str_get(&got));
		scene_end(&c);
	}
}

/* Best effort goes on where a limit cannot be had, and the default of 2048 tasks is not asked. */
static void test_best_effort(void)
{
	struct plan p;
	struct err e = {0};
	struct scene c;

	scene_begin(&c);
	c.spec.limits.memory = 1 << 30;
	c.spec.limits.best_effort = true;
	ok(scene_plan(&c, &p, &e) == 0 && !p.use_cgroup && p.limits.pids == -1,
	   "best effort without control groups: %s", e.what);
	plan_free(&p);
	c.host.cgroup = (struct cgroup_place){.parent = "/sys/fs/cgroup/a", .delegated = true};
	ok(scene_plan(&c, &p, &e) == 0 && p.use_cgroup && p.limits.pids == -1,
	   "a group without the pids controller gets no default of tasks: %s", e.what);
	plan_free(&p);
	scene_end(&c);
}

/* ALL but one: what is taken from root is not given to another user either. */
static void test_caps_of_another_user(void)
{
	struct plan p;
	struct err e = {0};
	struct scene c;

	scene_begin(&c);
	strv_add(&c.spec.cap_add, "ALL");
	strv_add(&c.spec.cap_drop, "SYS_ADMIN");
	if (scene_plan(&c, &p, &e) == 0) {
		ok(p.caps_added == p.caps && !(p.caps >> CAP_SYS_ADMIN & 1) &&
		       p.caps >> CAP_BPF & 1,
		   "--cap-add ALL --cap-drop SYS_ADMIN: %llx", (unsigned long long)p.caps_added);
		ok(strcmp(p.run, c.host.run) == 0, "set-up finds the run folder in the plan");
		plan_free(&p);
	} else {
		ok(false, "%s", e.what);
	}
	scene_end(&c);
}

static void test_devpts_group(void)
{
	struct plan p;
	struct err e = {0};
	struct scene c;
	const char *data = NULL;

	scene_begin(&c);
	c.host.map.gid[1].count = 4; /* ids 0 to 4: tty's 5 is not among them */
	if (scene_plan(&c, &p, &e) == 0) {
		for (size_t i = 0; i < p.n_mounts; i++)
			if (strcmp(p.mounts[i].target, "/dev/pts") == 0)
				data = p.mounts[i].data;
		ok(data && !strstr(data, "gid="), "no gid 5 in the map, none for devpts: %s", data);
		plan_free(&p);
	} else {
		ok(false, "%s", e.what);
	}
	scene_end(&c);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 1;
	golden = argv[1];
	log_set_level(LOG_ERROR);
	test_golden();
	test_refusals();
	test_commands();
	test_best_effort();
	test_caps_of_another_user();
	test_devpts_group();
	return tap_end();
}
