/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of a plan in the words of the runtime-spec (config.md "Mounts"); pure. */
#include "cmd/launch/mount_options.h"
#include "cmd/launch/plan.h"
#include "cmd/launch/plan_oci.h"
#include "lib/base/auto.h"
#include "lib/base/json.h"

/* What the runtime makes by itself, or there is no word for. */
static bool left_out(const struct plan *p, const struct plan_mount *m)
{
	/* Links in /dev and /dev/console are the runtime's duty (config-linux.md). */
	if (m->kind == PLAN_LINK || m->pty)
		return true;
	/* A generated file has no path that could be bound; its text is an annotation. */
	if (m->kind == PLAN_FILE)
		return true;
	return m->optional && m->fstype && strcmp(m->fstype, "cgroup2") == 0 && !p->cgroup.mount[0];
}

static void add_mount(const struct plan_mount *m, struct json_object *list)
{
	struct json_object *o = json_object_new_object();
	auto_strv struct strv options = {0};

	mount_options(m, &options);
	json_add_str(o, "destination", m->target);
	if (m->kind == PLAN_BIND) {
		json_add_str(o, "type", "bind");
		json_add_str(o, "source", m->source);
	} else {
		/* The spec's name for cgroup mounts of any version. */
		const char *type = strcmp(m->fstype, "cgroup2") == 0 ? "cgroup" : m->fstype;

		json_add_str(o, "type", type);
		json_add_str(o, "source", type);
	}
	json_add_strv(o, "options", &options);
	json_object_array_add(list, o);
}

void plan_oci_mounts(const struct plan *p, struct json_object *root, struct json_object *linux_part)
{
	struct json_object *mounts = json_add_array(root, "mounts");
	struct json_object *masked = json_add_array(linux_part, "maskedPaths");
	struct json_object *read_only = json_add_array(linux_part, "readonlyPaths");

	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct plan_mount *m = &p->mounts[i];

		if (m->kind == PLAN_MASK)
			json_object_array_add(masked, json_object_new_string(m->target));
		else if (m->kind == PLAN_READ_ONLY)
			json_object_array_add(read_only, json_object_new_string(m->target));
		else if (!left_out(p, m))
			add_mount(m, mounts);
	}
}
