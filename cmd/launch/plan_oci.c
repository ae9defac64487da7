/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as config.json: the short form for the record, the full one for other runtimes. */
#include "cmd/launch/plan_oci.h"

#include "cmd/launch/plan.h"
#include "cmd/launch/user.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/path.h"
#include "lib/base/str.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/rlimit.h"
#include "seccomp/profile_oci.h"

#include <ctype.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>

enum { PASSWD_MAX = 8 << 20 };

static void add_caps(struct json_object *o, const char *key, uint64_t mask)
{
	struct json_object *list = json_add_array(o, key);

	for (int i = 0; i < 64; i++) {
		auto_free char *name = mask & UINT64_C(1) << i ? caps_name(i) : NULL;

		if (name)
			json_object_array_add(list, json_object_new_string(name));
	}
}

/* As set-up gives them: root all of the bounding set, another user what --cap-add names. */
static void add_capabilities(const struct plan *p, bool is_root, struct json_object *process)
{
	struct json_object *o = json_add_object(process, "capabilities");

	add_caps(o, "bounding", p->caps);
	add_caps(o, "permitted", is_root ? p->caps : p->caps_added);
	add_caps(o, "effective", is_root ? p->caps : p->caps_added);
	add_caps(o, "inheritable", is_root ? 0 : p->caps_added);
	add_caps(o, "ambient", is_root ? 0 : p->caps_added);
}

static void add_rlimits(const struct plan *p, struct json_object *process)
{
	struct json_object *list = p->n_rlimits ? json_add_array(process, "rlimits") : NULL;

	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct spec_rlimit *r = &p->rlimits[i];
		auto_free char *type = xasprintf("RLIMIT_%s", rlimit_name(r->resource));
		struct json_object *o = json_object_new_object();

		for (char *c = type; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		json_add_str(o, "type", type);
		json_object_object_add(o, "soft", json_object_new_uint64(r->soft));
		json_object_object_add(o, "hard", json_object_new_uint64(r->hard));
		json_object_array_add(list, o);
	}
}

static void add_user(const struct plan *p, const struct user *u, struct json_object *process)
{
	struct json_object *o = json_add_object(process, "user");
	struct json_object *gids;

	json_add_i64(o, "uid", u->uid);
	json_add_i64(o, "gid", u->gid);
	json_add_i64(o, "umask", p->umask);
	/* With a single id the kernel refuses setgroups(2). */
	if (!u->n_groups || p->map.single)
		return;
	gids = json_add_array(o, "additionalGids");
	for (size_t i = 0; i < u->n_groups; i++)
		json_object_array_add(gids, json_object_new_int64(u->groups[i]));
}

/* u: NULL where only the root knows who p->user is; then an annotation says it. */
static void add_process(const struct plan *p, const struct user *u, struct json_object *root)
{
	struct json_object *process = json_add_object(root, "process");
	auto_strv struct strv env = {0};

	json_add_bool(process, "terminal", p->terminal);
	if (u)
		add_user(p, u, process);
	json_add_strv(process, "args", &p->args);
	strv_copy(&env, &p->env);
	if (u && u->home && !p->home_from_env)
		strv_addf(&env, "HOME=%s", u->home);
	json_add_strv(process, "env", &env);
	json_add_str(process, "cwd", p->workdir);
	add_capabilities(p, u ? u->uid == 0 : p->user[0] == '\0', process);
	add_rlimits(p, process);
	json_add_bool(process, "noNewPrivileges", p->no_new_privs);
	if (p->oom_score_adj)
		json_add_i64(process, "oomScoreAdj", p->oom_score_adj);
}

static void add_map(struct json_object *o, const char *key, const struct id_range *list, size_t n)
{
	struct json_object *ranges = json_add_array(o, key);

	for (size_t i = 0; i < n; i++) {
		struct json_object *range = json_object_new_object();

		json_add_i64(range, "containerID", list[i].inside);
		json_add_i64(range, "hostID", list[i].outside);
		json_add_i64(range, "size", list[i].count);
		json_object_array_add(ranges, range);
	}
}

static void add_namespaces(const struct plan *p, struct json_object *linux_part)
{
	static const struct {
		uint64_t flag; /* 0: every container has its own */
		const char *type;
	} kinds[] = {
	    {0, "user"},
	    {0, "pid"},
	    {0, "cgroup"},
	    {CLONE_NEWNS, "mount"},
	    {CLONE_NEWIPC, "ipc"},
	    {CLONE_NEWUTS, "uts"},
	    {CLONE_NEWNET, "network"},
	};
	struct json_object *list = json_add_array(linux_part, "namespaces");

	for (size_t i = 0; i < array_len(kinds); i++) {
		struct json_object *o;

		if (kinds[i].flag && !(p->namespaces & kinds[i].flag))
			continue;
		o = json_object_new_object();
		json_add_str(o, "type", kinds[i].type);
		json_object_array_add(list, o);
	}
}

/* The group that a run of rlc would make, as seen from the root of the cgroup mount. */
static void add_cgroup(const struct plan *p, struct json_object *linux_part)
{
	auto_free char *path = NULL;

	if (!p->use_cgroup || p->cgroup.by_scope ||
	    !path_is_beneath(p->cgroup.parent, p->cgroup.mount))
		return;
	path = xasprintf("%s/rlc-%.16s", p->cgroup.parent + strlen(p->cgroup.mount), p->id);
	json_add_str(linux_part, "cgroupsPath", path);
}

/* The runtime-spec has no word for them. */
static void add_ports(const struct plan *p, struct json_object *annotations)
{
	auto_str struct str published = {0}, exposed = {0};

	for (size_t i = 0; i < p->ports.n; i++) {
		auto_free char *text = portmap_format(&p->ports.v[i]);

		str_addf(&published, "%s%s", i ? " " : "", text);
	}
	for (size_t i = 0; i < p->exposed.n; i++)
		str_addf(&exposed, "%s%u/%s", i ? " " : "", p->exposed.v[i].container,
			 portmap_protocol_name(p->exposed.v[i].protocol));
	json_add_str(annotations, "org.rlc.publish", published.s);
	json_add_str(annotations, "org.rlc.expose", exposed.s);
}

/* As --network takes it; other runtimes give the namespace and leave it empty. */
static char *network_text(const struct plan *p)
{
	struct str t = {0};

	if (p->network != NET_PRIVATE)
		return xstrdup(p->network == NET_HOST ? "host" : "none");
	str_add(&t, "slirp:");
	net_config_to_text(&p->net, &t);
	if (!str_ends(str_get(&t), ":"))
		return str_take(&t);
	str_free(&t);
	return xstrdup("private");
}

/* image-spec, conversion.md: labels and the stop signal become annotations. */
static void add_annotations(const struct plan *p, bool full, struct json_object *root)
{
	struct json_object *o = json_add_object(root, "annotations");
	const char *signal_text = sigabbrev_np(p->stop_signal);
	auto_free char *stop =
	    signal_text ? xasprintf("SIG%s", signal_text) : xasprintf("%d", p->stop_signal);
	auto_str struct str layers = {0}, chown = {0};
	auto_free char *network = network_text(p);

	for (size_t i = 0; i < p->labels.n; i++) {
		auto_free char *key = xstrndup(p->labels.v[i], strcspn(p->labels.v[i], "="));

		if (*key && p->labels.v[i][strlen(key)] == '=')
			json_add_str(o, key, p->labels.v[i] + strlen(key) + 1);
	}
	for (size_t i = 0; i < p->layers.n; i++)
		str_addf(&layers, "%s%s/layers/%s", i ? ":" : "", p->data, p->layers.v[i]);
	for (size_t i = 0; i < p->n_mounts; i++)
		if (p->mounts[i].chown)
			str_addf(&chown, "%s%s", chown.len ? ":" : "", p->mounts[i].target);
	json_add_str(o, "org.opencontainers.image.stopSignal", stop);
	json_add_str(o, "org.rlc.id", p->id);
	json_add_str(o, "org.rlc.name", p->name);
	json_add_str(o, "org.rlc.image", p->image_name);
	json_add_str(o, "org.rlc.image.id", p->image_id);
	json_add_str(o, "org.rlc.layers", layers.s);
	json_add_str(o, "org.rlc.driver", p->driver ? p->driver->name : NULL);
	json_add_str(o, "org.rlc.driver.why", p->driver_why);
	json_add_str(o, "org.rlc.chown", chown.s);
	json_add_str(o, "org.rlc.user", p->user[0] ? p->user : NULL);
	json_add_str(o, "org.rlc.seccomp", p->seccomp ? p->seccomp : "default");
	json_add_str(o, "org.rlc.network", network);
	json_add_str(o, "org.rlc.cgroup-parent", p->cgroup_parent);
	if (p->init)
		json_add_str(o, "org.rlc.init", "true");
	add_ports(p, o);
	for (size_t i = 0; full && i < p->n_files; i++) {
		auto_free char *key = xasprintf("org.rlc.file.%s", p->files[i].name);

		json_add_str(o, key, p->files[i].text);
	}
}

/* Everything but linux.seccomp, which only the full form has. *ret_linux belongs to the result. */
static struct json_object *build(const struct plan *p, const struct user *u, bool full,
				 struct json_object **ret_linux)
{
	struct json_object *root = json_object_new_object(), *o;

	json_add_str(root, "ociVersion", "1.0.2");
	o = json_add_object(root, "root");
	json_add_str(o, "path", p->rootfs_dir ? p->rootfs_dir : "rootfs");
	json_add_bool(o, "readonly", p->read_only);
	json_add_str(root, "hostname", p->hostname);
	add_process(p, u, root);
	add_annotations(p, full, root);
	o = *ret_linux = json_add_object(root, "linux");
	add_namespaces(p, o);
	add_map(o, "uidMappings", p->map.uid, p->map.n_uid);
	add_map(o, "gidMappings", p->map.gid, p->map.n_gid);
	if (p->propagate)
		json_add_str(o, "rootfsPropagation", "rslave");
	add_cgroup(p, o);
	if (p->use_cgroup)
		limits_to_oci(&p->limits, o);
	plan_oci_mounts(p, root, o);
	return root;
}

/* A user that needs no passwd(5): "", "uid" or "uid:gid". */
static bool is_numeric(const char *asked, struct user *ret)
{
	auto_strv struct strv parts = {0};
	int64_t id[2] = {0};

	strv_split(&parts, asked, ":");
	for (size_t i = 0; i < parts.n; i++)
		if (i == array_len(id) || !str_to_i64(parts.v[i], 0, UINT32_MAX - 1, &id[i]))
			return false;
	*ret = (struct user){.uid = (uint32_t)id[0], .gid = (uint32_t)id[1]};
	return true;
}

char *plan_to_oci(const struct plan *p)
{
	auto_json struct json_object *root = NULL;
	struct json_object *linux_part;
	struct user u;

	root = build(p, is_numeric(p->user, &u) ? &u : NULL, false, &linux_part);
	return xstrdup(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE));
}

/*
 * A text of the root that does not exist as one tree yet: of --rootfs, or of the highest layer that
 * says anything about it. What is no plain file there (a whiteout) is as good as missing.
 */
static int read_of_root(const struct plan *p, const char *path, char **ret, struct err *e)
{
	size_t n = p->rootfs_dir ? 1 : p->layers.n;

	*ret = xstrdup("");
	while (n--) {
		auto_free char *folder = p->rootfs_dir
					     ? xstrdup(p->rootfs_dir)
					     : xasprintf("%s/layers/%s", p->data, p->layers.v[n]);
		auto_fd int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
		struct stat st;

		if (root < 0)
			return err_sys(e, "open %s", folder);
		fd = path_open_in(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
		if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
			continue;
		if (fd < 0)
			return err_sys(e, "open %s in %s", path, folder);
		if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
			return 0;
		free(*ret);
		*ret = NULL;
		return file_read_fd(fd, path, PASSWD_MAX, ret, NULL, e);
	}
	return 0;
}

static int resolve_user(const struct plan *p, struct user *ret, struct err *e)
{
	auto_free char *passwd = NULL, *group = NULL;

	if (read_of_root(p, "/etc/passwd", &passwd, e) < 0 ||
	    read_of_root(p, "/etc/group", &group, e) < 0)
		return -1;
	return user_resolve(p->user, &p->group_add, passwd, group, ret, e);
}

/* JSON is UTF-8 (RFC 8259); an argument or a path of the host may be any bytes. */
static int check_text(const char *text, struct err *e)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o;

	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, text, (int)strlen(text));
	json_tokener_free(t);
	json_object_put(o);
	if (o)
		return 0;
	err_msg(e, "an argument, variable or path of this run is not UTF-8: JSON cannot hold it");
	return err_hint(e, "rlc run --dry-run shows it");
}

char *plan_to_oci_full(const struct plan *p, struct err *e)
{
	const struct filter_request request = {
	    .profile = p->seccomp, .caps = p->caps, .no_new_privs = p->no_new_privs};
	auto_json struct json_object *root = NULL;
	struct json_object *linux_part, *rules;
	auto_free char *text = NULL;
	struct user u = {0};

	if (resolve_user(p, &u, e) < 0)
		return NULL;
	root = build(p, &u, true, &linux_part);
	user_free(&u);
	if (!p->seccomp || strcmp(p->seccomp, "unconfined") != 0) {
		if (profile_to_oci(&request, &rules, e) < 0)
			return NULL;
		json_object_object_add(linux_part, "seccomp", rules);
	}
	text = xasprintf("%s\n", json_object_to_json_string_ext(
				     root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
	if (check_text(text, e) < 0)
		return NULL;
	return take_ptr(text);
}
