/* SPDX-License-Identifier: Apache-2.0 */
/* The config.json of `rlc run --dry-run=oci`: what the golden texts cannot show. */
#include "cmd/launch/plan_oci.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "tests/unit/plan_scene.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct json_object *full(struct scene *c, struct err *e)
{
	struct json_object *o = NULL;
	auto_free char *text = NULL;
	struct plan p;

	if (scene_plan(c, &p, e) < 0)
		return NULL;
	text = plan_to_oci_full(&p, e);
	if (text && json_parse(text, strlen(text), "config.json", &o, e) < 0)
		o = NULL;
	plan_free(&p);
	return o;
}

static struct json_object *at(struct json_object *o, const char *path)
{
	auto_strv struct strv keys = {0};

	strv_split(&keys, path, "/");
	for (size_t i = 0; i < keys.n && o; i++) {
		int64_t index;

		if (str_to_i64(keys.v[i], 0, INT32_MAX, &index))
			o = json_object_array_get_idx(o, (size_t)index);
		else if (!json_object_object_get_ex(o, keys.v[i], &o))
			o = NULL;
	}
	return o;
}

/* A member as text, "" when it is not there. */
static const char *text_at(struct json_object *o, const char *path)
{
	struct json_object *v = at(o, path);

	return v ? json_object_get_string(v) : "";
}

static bool is_text(struct json_object *o, const char *path, const char *wanted)
{
	return strcmp(text_at(o, path), wanted) == 0;
}

static const char passwd[] = "root:x:0:0::/root:/bin/sh\nweb:x:33:44::/srv/web:/bin/sh\n";
static const char group[] = "root:x:0:\naudio:x:29:\nstaff:x:50:web\n";

static void put_file(const char *folder, const char *name, const char *text)
{
	auto_free char *path = xasprintf("%s/%s", folder, name);
	struct err e;

	if (file_write(AT_FDCWD, path, text, strlen(text), 0644, false, &e) < 0)
		printf("# %s\n", e.what);
}

static void test_full_user(const char *base)
{
	auto_free char *low = xasprintf("%s/layers/aaaa/etc", base);
	auto_free char *high = xasprintf("%s/layers/bbbb/etc", base);
	auto_json struct json_object *o = NULL;
	struct err e = {0};
	struct scene c;

	scene_begin(&c);
	c.host.data = base;
	xstr_set(&c.image.config.user, "web");
	set_list(&c.spec.group_add, "audio 99");
	file_make_folders(low, 0755, &e);
	file_make_folders(high, 0755, &e);
	ok(!full(&c, &e) && strstr(e.what, "no user \"web\""),
	   "a user that no layer knows is an error, never root: %s", e.what);
	put_file(low, "passwd", passwd);
	put_file(low, "group", group);
	o = full(&c, &e);
	ok(is_text(o, "process/user/uid", "33") && is_text(o, "process/user/gid", "44") &&
	       is_text(o, "process/user/additionalGids", "[ 50, 29, 99 ]"),
	   "a name becomes numbers by a layer's passwd and group: %s", e.what);
	ok(strstr(text_at(o, "process/env"), "\"HOME=\\/srv\\/web\""), "and HOME");
	ok(!at(o, "process/capabilities/effective/0") && at(o, "process/capabilities/bounding/0"),
	   "and has no capability but the bounding set");
	json_put(&o);
	put_file(high, "passwd", "web:x:7:8::/:/bin/sh\n");
	o = full(&c, &e);
	ok(is_text(o, "process/user/uid", "7"), "the highest layer's passwd counts: %s", e.what);
	json_put(&o);
	c.host.map.single = true;
	c.host.map.n_uid = c.host.map.n_gid = 1;
	o = full(&c, &e);
	ok(at(o, "process/user/uid") && !at(o, "process/user/additionalGids"),
	   "no supplementary groups with a single id");
	scene_end(&c);
}

/* What a layer may hold instead of a file, or a store that lost a layer. */
static void test_odd_layers(const char *base)
{
	auto_free char *high = xasprintf("%s/layers/bbbb/etc", base);
	auto_free char *in_high = xasprintf("%s/passwd", high);
	struct err e = {0};
	struct scene c;

	scene_begin(&c);
	c.host.data = base;
	xstr_set(&c.image.config.user, "web");
	file_remove_tree(AT_FDCWD, in_high, &e);
	ok(mkdir(in_high, 0700) == 0 && !full(&c, &e) && strstr(e.what, "no user \"web\""),
	   "what hides a lower layer's passwd hides its users: %s", e.what);
	file_remove_tree(AT_FDCWD, in_high, &e);
	ok(symlink("passwd", in_high) == 0 && !full(&c, &e) && e.sys == ELOOP &&
	       strstr(e.what, "open /etc/passwd in "),
	   "a passwd that cannot be opened is an error: %s", e.what);
	strv_add(&c.image.layers, "gone");
	ok(!full(&c, &e) && e.sys == ENOENT && strstr(e.what, "layers/gone"),
	   "so is a layer that is not there: %s", e.what);
	file_remove_tree(AT_FDCWD, in_high, &e);
	scene_end(&c);
}

static void test_full_rest(const char *base)
{
	auto_json struct json_object *o = NULL;
	auto_free char *layers = xasprintf("%s/layers/aaaa:%s/layers/bbbb", base, base);
	struct err e = {0};
	struct scene c;

	scene_begin(&c);
	c.host.data = base;
	o = full(&c, &e);
	ok(is_text(o, "linux/seccomp/defaultAction", "SCMP_ACT_ERRNO") &&
	       at(o, "linux/seccomp/syscalls/0/names/0"),
	   "the default profile is spelled out: %s", e.what);
	ok(is_text(o, "root/path", "rootfs") && is_text(o, "annotations/org.rlc.layers", layers),
	   "root is the bundle's, of the layers an annotation names");
	ok(is_text(o, "annotations/org.rlc.file.hostname", "0123456789ab\n") &&
	       !strstr(text_at(o, "mounts"), "hostname"),
	   "a generated file is an annotation, not a mount of what does not exist");
	ok(strstr(text_at(o, "mounts"), "cgroup"), "cgroup2 is mounted");
	json_put(&o);
	c.host.cgroup.mount[0] = '\0';
	o = full(&c, &e);
	ok(at(o, "mounts") && !strstr(text_at(o, "mounts"), "cgroup"),
	   "but not where the host has none");
	json_put(&o);
	c.spec.seccomp = xstrdup("unconfined");
	o = full(&c, &e);
	ok(o && !at(o, "linux/seccomp"), "unconfined: no rules: %s", e.what);
	json_put(&o);
	xstr_set(&c.spec.seccomp, "/nonexistent/profile.json");
	ok(!full(&c, &e) && strstr(e.what, "/nonexistent/profile.json"),
	   "a profile that is not there is an error: %s", e.what);
	xstr_set(&c.spec.seccomp, NULL);
	strv_add(&c.spec.args, "\xff");
	ok(!full(&c, &e) && strstr(e.what, "UTF-8") && strstr(e.hint, "--dry-run"),
	   "bytes that JSON cannot hold: %s", e.what);
	scene_end(&c);
}

static void test_limits(void)
{
	auto_json struct json_object *o = NULL;
	struct err e = {0};
	struct scene c;

	scene_begin(&c);
	strv_free(&c.image.layers);
	c.host.cgroup.delegated = true;
	c.host.cgroup.controllers = 1U << CGROUP_MEMORY | 1U << CGROUP_PIDS | 1U << CGROUP_CPU;
	o = full(&c, &e);
	ok(is_text(o, "linux/resources", "{ \"pids\": { \"limit\": 2048 } }"),
	   "the default of tasks alone: %s", text_at(o, "linux/resources"));
	json_put(&o);
	c.spec.limits.pids = 0;
	c.spec.limits.memory = 1 << 20;
	o = full(&c, &e);
	ok(is_text(o, "linux/resources",
		   "{ \"memory\": { \"limit\": 1048576, \"swap\": 2097152 } }"),
	   "memory alone: %s", text_at(o, "linux/resources"));
	scene_end(&c);
}

static void test_labels(void)
{
	auto_json struct json_object *o = NULL;
	struct err e = {0};
	struct scene c;

	scene_begin(&c);
	strv_free(&c.image.layers);
	set_list(&c.spec.labels, "=nameless wordless org.rlc.id=mine good=yes");
	o = full(&c, &e);
	ok(is_text(o, "annotations/good", "yes") &&
	       !strstr(text_at(o, "annotations"), "nameless") &&
	       !strstr(text_at(o, "annotations"), "wordless"),
	   "labels are annotations where they have a name and a value");
	ok(is_text(o, "annotations/org.rlc.id", scene_id), "none of them speaks for rlc");
	scene_end(&c);
}

int main(void)
{
	char base[] = "/tmp/rlc-plan-XXXXXX";
	struct err e;

	if (!mkdtemp(base))
		return 1;
	test_full_user(base);
	test_odd_layers(base);
	test_full_rest(base);
	test_limits();
	test_labels();
	file_remove_tree(AT_FDCWD, base, &e);
	return tap_end();
}
