/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container as `rlc inspect` shows it. What was decided at its start stands in config.json, so
 * that is read and put under podman's keys; "Rlc" tells which layers of defence are in force.
 */
#include "cmd/inspect.h"
#include "cmd/labels.h"
#include "cmd/ports_of.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/state/record_text.h"
#include "net/config.h"

#include <arpa/inet.h>
#include <signal.h>
#include <time.h>

/* config.json, taken apart; a part that is missing is an empty object. */
struct parts {
	struct json_object *root, *process, *linux_part, *annotations, *resources;
};

void inspect_add_time(struct json_object *o, const char *key, int64_t ns)
{
	time_t t = (time_t)(ns / 1000000000);
	char text[64];
	struct tm tm;
	size_t n;

	if (ns == 0 || !gmtime_r(&t, &tm)) {
		json_add_str(o, key, "0001-01-01T00:00:00Z");
		return;
	}
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%09lldZ", (long long)(ns % 1000000000));
	json_add_str(o, key, text);
}

static int get_part(struct json_object *o, const char *key, struct json_object **ret, struct err *e)
{
	*ret = NULL;
	if (json_get_object(o, key, ret, e) < 0)
		return -1;
	if (!*ret)
		*ret = json_add_object(o, key);
	return 0;
}

static int take_apart(const char *config, struct parts *p, struct err *e)
{
	const char *text = config ? config : "{}";

	p->root = NULL;
	if (json_parse(text, strlen(text), "config.json", &p->root, e) < 0)
		return -1;
	if (!json_object_is_type(p->root, json_type_object))
		return err_msg(e, "config.json: not an object");
	if (get_part(p->root, "process", &p->process, e) < 0 ||
	    get_part(p->root, "linux", &p->linux_part, e) < 0 ||
	    get_part(p->root, "annotations", &p->annotations, e) < 0 ||
	    get_part(p->linux_part, "resources", &p->resources, e) < 0)
		return err_ctx(e, "config.json");
	return 0;
}

/* The same value under another key; missing ones are left out. */
static void copy(struct json_object *from, const char *from_key, struct json_object *to,
		 const char *to_key)
{
	struct json_object *v;

	if (json_object_object_get_ex(from, from_key, &v))
		json_object_object_add(to, to_key, json_object_get(v));
}

/* A value two objects deep, e.g. resources.memory.limit. */
static void copy_deep(struct json_object *from, const char *outer, const char *inner,
		      struct json_object *to, const char *to_key)
{
	struct json_object *o;

	if (json_object_object_get_ex(from, outer, &o) && json_object_is_type(o, json_type_object))
		copy(o, inner, to, to_key);
}

static char *signal_text(int sig)
{
	const char *name = sigabbrev_np(sig);

	return name ? xasprintf("SIG%s", name) : xasprintf("%d", sig);
}

static void add_state(const struct record_state *s, struct json_object *o)
{
	struct json_object *state = json_add_object(o, "State");
	const enum record_status status = record_status_now(s);
	struct record_state now = *s;

	/* Of one that runs, what its group has counted so far. */
	if (s->status == STATUS_RUNNING)
		record_count_limits(&now, NULL);
	json_add_str(state, "Status", record_status_name(status));
	json_add_bool(state, "Running", status == STATUS_RUNNING);
	json_add_bool(state, "Paused", status == STATUS_PAUSED);
	json_add_bool(state, "Restarting", false);
	json_add_bool(state, "OOMKilled", now.oom_kills > 0);
	json_add_bool(state, "Dead", false);
	json_add_i64(state, "Pid", s->pid);
	json_add_i64(state, "ExitCode", s->exit_code);
	json_add_str(state, "Error", s->error);
	inspect_add_time(state, "StartedAt", s->started_ns);
	inspect_add_time(state, "FinishedAt", s->finished_ns);
	json_add_str(state, "CgroupPath", s->cgroup);
	json_add_i64(state, "OomKills", now.oom_kills);
	json_add_i64(state, "ForksRefused", now.refused);
}

static bool has_text(struct json_object *list, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *item = json_object_get_string(json_object_array_get_idx(list, i));

		if (item && strcmp(item, text) == 0)
			return true;
	}
	return false;
}

/* Volumes: what was bound from the host. Devices under their own name are not counted as such. */
static int add_mounts(const struct parts *p, struct json_object *o, struct err *e)
{
	struct json_object *to = json_add_array(o, "Mounts"), *list = NULL;

	if (json_get_array(p->root, "mounts", &list, e) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *m = json_object_array_get_idx(list, i), *one, *options = NULL;
		const char *type = "", *source = "", *target = "";

		if (json_get_str(m, "type", &type, e) < 0 ||
		    json_get_str(m, "source", &source, e) < 0 ||
		    json_get_str(m, "destination", &target, e) < 0 ||
		    json_get_array(m, "options", &options, e) < 0)
			return -1;
		if (strcmp(type, "bind") != 0 ||
		    (str_starts(source, "/dev/") && strcmp(source, target) == 0))
			continue;
		one = json_object_new_object();
		json_object_array_add(to, one);
		json_add_str(one, "Type", type);
		json_add_str(one, "Source", source);
		json_add_str(one, "Destination", target);
		copy(m, "options", one, "Options");
		json_add_bool(one, "RW", !options || !has_text(options, "ro"));
	}
	return 0;
}

static void add_config(const struct record *r, const struct parts *p, struct json_object *o)
{
	struct json_object *config = json_add_object(o, "Config");
	auto_free char *stop = signal_text(r->stop_signal);
	const char *user = "";
	struct err ignored;

	/* Only a user that passwd(5) had to be asked for is an annotation. */
	(void)json_get_str(p->annotations, "org.rlc.user", &user, &ignored);
	copy(p->root, "hostname", config, "Hostname");
	json_add_str(config, "User", user);
	json_add_bool(config, "Tty", r->terminal);
	copy(p->process, "env", config, "Env");
	json_add_strv(config, "Cmd", &r->args);
	json_add_str(config, "Image", r->image_name);
	copy(p->process, "cwd", config, "WorkingDir");
	labels_add(config, "Labels", &r->labels);
	json_add_str(config, "StopSignal", stop);
	json_add_i64(config, "StopTimeout", r->stop_timeout);
}

static bool has_namespace(const struct parts *p, const char *type)
{
	struct json_object *list = NULL;
	struct err ignored;

	(void)json_get_array(p->linux_part, "namespaces", &list, &ignored);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		const char *v = "";

		if (json_get_str(json_object_array_get_idx(list, i), "type", &v, &ignored) == 0 &&
		    strcmp(v, type) == 0)
			return true;
	}
	return false;
}

static const char *network_mode(const struct parts *p)
{
	const char *mode = has_namespace(p, "network") ? "none" : "host";
	struct err ignored;

	(void)json_get_str(p->annotations, "org.rlc.network", &mode, &ignored);
	return mode;
}

/* Addresses of a private network follow from its options. */
static void add_network(const struct parts *p, struct json_object *o)
{
	struct json_object *settings = json_add_object(o, "NetworkSettings");
	const char *mode = network_mode(p), *options = strchr(mode, ':');
	char text[INET6_ADDRSTRLEN];
	struct net_config c;
	struct err ignored;

	net_config_init(&c);
	if (strcmp(mode, "none") == 0 || strcmp(mode, "host") == 0 ||
	    (options && net_config_parse(&c, options + 1, &ignored) < 0))
		return;
	json_add_str(settings, "IPAddress", net_address(text, c.guest, false));
	json_add_i64(settings, "IPPrefixLen", c.prefix);
	json_add_str(settings, "Gateway", net_address(text, c.gateway, false));
	if (c.ipv6) {
		json_add_str(settings, "GlobalIPv6Address", net_address(text, c.guest6, true));
		json_add_i64(settings, "GlobalIPv6PrefixLen", c.prefix6);
		json_add_str(settings, "IPv6Gateway", net_address(text, c.gateway6, true));
	}
}

static void add_host_config(const struct record *r, const struct parts *p, struct json_object *o)
{
	struct json_object *host = json_add_object(o, "HostConfig"), *log;
	struct json_object *cpu = NULL;
	int64_t quota = 0, period = 0;
	struct err ignored;

	json_add_bool(host, "AutoRemove", r->remove);
	json_add_str(host, "NetworkMode", network_mode(p));
	copy_deep(p->root, "root", "readonly", host, "ReadonlyRootfs");
	copy_deep(p->resources, "memory", "limit", host, "Memory");
	copy_deep(p->resources, "memory", "swap", host, "MemorySwap");
	copy_deep(p->resources, "memory", "reservation", host, "MemoryReservation");
	copy_deep(p->resources, "pids", "limit", host, "PidsLimit");
	copy_deep(p->resources, "cpu", "quota", host, "CpuQuota");
	copy_deep(p->resources, "cpu", "period", host, "CpuPeriod");
	copy_deep(p->resources, "cpu", "shares", host, "CpuShares");
	copy_deep(p->resources, "cpu", "cpus", host, "CpusetCpus");
	copy_deep(p->resources, "cpu", "mems", host, "CpusetMems");
	copy_deep(p->resources, "blockIO", "weight", host, "BlkioWeight");
	copy(p->resources, "unified", host, "CgroupConf");
	copy(p->annotations, "org.rlc.cgroup-parent", host, "CgroupParent");
	if (json_get_object(p->resources, "cpu", &cpu, &ignored) == 0 && cpu &&
	    json_get_i64(cpu, "quota", &quota, &ignored) == 0 &&
	    json_get_i64(cpu, "period", &period, &ignored) == 0 && period > 0)
		json_add_i64(host, "NanoCpus", quota * 1000000000 / period);
	copy(p->process, "rlimits", host, "Ulimits");
	copy(p->process, "oomScoreAdj", host, "OomScoreAdj");
	json_add_str(host, "ContainerIDFile", r->cidfile);
	log = json_add_object(host, "LogConfig");
	json_add_str(log, "Type", r->log_path ? "k8s-file" : "none");
	json_add_str(log, "Path", r->log_path);
}

/* The image's and --expose's, as the plan noted them. */
static void exposed_of(const struct parts *p, struct portmaps *ret)
{
	auto_strv struct strv texts = {0};
	const char *text = "";
	struct err ignored;

	(void)json_get_str(p->annotations, "org.rlc.expose", &text, &ignored);
	strv_split(&texts, text, " ");
	for (size_t i = 0; i < texts.n; i++)
		(void)portmap_parse_exposed(texts.v[i], ret, &ignored);
}

static void add_ports(const struct record *r, const struct record_state *s, const struct parts *p,
		      struct json_object *o)
{
	auto_portmaps struct portmaps ports = {0}, exposed = {0}, none = {0};
	struct json_object *host = NULL, *settings = NULL;

	ports_of(r, &ports);
	exposed_of(p, &exposed);
	if (json_object_object_get_ex(o, "HostConfig", &host))
		json_object_object_add(host, "PortBindings", ports_to_bindings(&ports, &none));
	if (!json_object_object_get_ex(o, "NetworkSettings", &settings))
		settings = json_add_object(o, "NetworkSettings");
	json_object_object_add(settings, "Ports",
			       s->status == STATUS_RUNNING ? ports_to_bindings(&ports, &exposed)
							   : ports_to_bindings(&none, &exposed));
}

/* What stands between the container and the host, one line each. */
static void add_defences(const struct record_state *s, const struct parts *p, struct json_object *o)
{
	struct json_object *rlc = json_add_object(o, "Rlc");
	struct json_object *namespaces = json_add_array(rlc, "Namespaces"), *list = NULL;
	struct err ignored;

	(void)json_get_array(p->linux_part, "namespaces", &list, &ignored);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *type;

		if (json_object_object_get_ex(json_object_array_get_idx(list, i), "type", &type))
			json_object_array_add(namespaces, json_object_get(type));
	}
	copy(p->linux_part, "uidMappings", rlc, "UidMappings");
	copy(p->linux_part, "gidMappings", rlc, "GidMappings");
	copy(p->process, "capabilities", rlc, "Capabilities");
	copy(p->process, "noNewPrivileges", rlc, "NoNewPrivileges");
	copy(p->annotations, "org.rlc.seccomp", rlc, "Seccomp");
	json_add_str(rlc, "Landlock", "off: rlc sets no rules for containers");
	copy(p->annotations, "org.rlc.driver.why", rlc, "DriverWhy");
	copy(p->linux_part, "maskedPaths", rlc, "MaskedPaths");
	copy(p->linux_part, "readonlyPaths", rlc, "ReadonlyPaths");
	copy(p->root, "mounts", rlc, "Mounts");
	json_add_i64(rlc, "MonitorPid", s->status == STATUS_RUNNING ? s->monitor_pid : 0);
	json_add_bool(rlc, "MonitorLost", s->monitor_lost);
}

static void add_identity(const struct record *r, struct json_object *o)
{
	struct strv rest = {.v = r->args.v ? r->args.v + 1 : NULL,
			    .n = r->args.n ? r->args.n - 1 : 0};

	json_add_str(o, "Id", r->id);
	inspect_add_time(o, "Created", r->created_ns);
	json_add_str(o, "Path", r->args.n ? r->args.v[0] : "");
	json_add_strv(o, "Args", &rest);
	json_add_str(o, "Image", r->image_id ? r->image_id : "");
	json_add_str(o, "ImageName", r->image_name ? r->image_name : "");
	json_add_str(o, "Rootfs", r->rootfs ? r->rootfs : "");
	json_add_str(o, "Name", r->name);
}

int inspect_container(const struct record *r, const struct record_state *s, const char *config,
		      struct json_object **ret, struct err *e)
{
	auto_json struct json_object *o = json_object_new_object();
	struct parts p;
	int result = take_apart(config, &p, e);

	if (result == 0) {
		add_identity(r, o);
		copy(p.annotations, "org.rlc.driver", o, "Driver");
		add_state(s, o);
		copy_deep(p.process, "capabilities", "effective", o, "EffectiveCaps");
		copy_deep(p.process, "capabilities", "bounding", o, "BoundingCaps");
		result = add_mounts(&p, o, e);
		add_config(r, &p, o);
		add_host_config(r, &p, o);
		add_network(&p, o);
		add_ports(r, s, &p, o);
		add_defences(s, &p, o);
	}
	json_object_put(p.root);
	if (result < 0) {
		err_hint(e, "run: rlc rm -f %.12s", r->id);
		return err_ctx(e, "container %.12s", r->id);
	}
	*ret = take_ptr(o);
	return 0;
}
