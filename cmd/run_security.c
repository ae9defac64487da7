/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of --security-opt, --cap-add and --cap-drop. */
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/path.h"
#include "lib/base/str.h"
#include "lib/kernel/caps.h"

#include <strings.h>

static int opt_seccomp(struct run_request *r, const char *value, struct err *e)
{
	char *path = NULL;

	if (!*value) {
		err_msg(e, "no profile");
		return err_hint(e, "write seccomp=FILE, seccomp=default or seccomp=unconfined");
	}
	if (strcmp(value, "unconfined") == 0)
		path = xstrdup(value);
	else if (strcmp(value, "default") != 0 && !(path = run_host_path(r, value, e)))
		return -1;
	free(r->spec.seccomp);
	r->spec.seccomp = path;
	return 0;
}

static int opt_no_new_privileges(struct run_request *r, const char *value, struct err *e)
{
	bool on = true;

	if (*value && !option_to_bool(value, &on)) {
		err_msg(e, "\"%s\" is neither true nor false", value);
		return err_hint(e, "write no-new-privileges, or no-new-privileges:false");
	}
	r->spec.no_new_privs = on ? YES : NO;
	return 0;
}

/* "/a:/b": absolute paths; patterns as of glob(7) are kept for the plan. */
static int add_paths(struct strv *to, const char *value, struct err *e)
{
	auto_strv struct strv paths = {0};

	strv_split(&paths, value, ":");
	if (!paths.n)
		return err_msg(e, "no path");
	for (size_t i = 0; i < paths.n; i++) {
		if (paths.v[i][0] != '/') {
			err_msg(e, "\"%s\" is not an absolute path", paths.v[i]);
			return err_hint(e, "write paths of the container with \":\" between them");
		}
		strv_take(to, path_clean(paths.v[i]));
	}
	return 0;
}

static int opt_mask(struct run_request *r, const char *value, struct err *e)
{
	return add_paths(&r->spec.mask, value, e);
}

static int opt_unmask(struct run_request *r, const char *value, struct err *e)
{
	if (strcasecmp(value, "ALL") == 0) {
		r->spec.unmask_all = true;
		return 0;
	}
	return add_paths(&r->spec.unmask, value, e);
}

static const struct {
	const char *name;
	int (*set)(struct run_request *r, const char *value, struct err *e);
	const char *way; /* of what Podman and Docker have beside these */
} security_opts[] = {
    {"seccomp", .set = opt_seccomp},
    {"no-new-privileges", .set = opt_no_new_privileges},
    {"mask", .set = opt_mask},
    {"unmask", .set = opt_unmask},
    {"apparmor", .way = "this version sets no AppArmor profile: leave it out; seccomp, "
			"capabilities and the user namespace still confine"},
    {"label", .way = "this version sets no SELinux label: leave it out"},
    {"proc-opts", .way = "leave it out; single files are hidden by mask=/proc/FILE"},
    {"systempaths", .way = "write unmask=ALL"},
    {"writable-cgroups", .way = "leave it out: cgroups are read-only inside"},
};

int run_set_security_opt(const struct option_row *row, void *to, const char *value, struct err *e)
{
	size_t n = strcspn(value, "=:");
	const char *rest = value[n] ? value + n + 1 : value + n;

	(void)row;
	for (size_t i = 0; i < array_len(security_opts); i++) {
		if (strlen(security_opts[i].name) != n ||
		    strncmp(security_opts[i].name, value, n) != 0)
			continue;
		if (security_opts[i].set)
			return security_opts[i].set(to, rest, e);
		err_msg(e, "%s is not in this version", security_opts[i].name);
		return err_hint(e, "%s", security_opts[i].way);
	}
	err_msg(e, "unknown");
	return err_hint(e, "allowed: seccomp=FILE|default|unconfined, no-new-privileges[:false], "
			   "mask=PATH[:PATH], unmask=ALL|PATH[:PATH]");
}

static int set_caps(struct strv *to, const char *value, struct err *e)
{
	auto_strv struct strv names = {0};
	uint64_t mask;

	strv_split(&names, value, ", ");
	if (!names.n) {
		err_msg(e, "no capability");
		return err_hint(e, "write a name such as NET_RAW, or ALL");
	}
	if (caps_mask_of(&names, &mask, e) < 0)
		return -1;
	strv_copy(to, &names);
	return 0;
}

int run_set_cap_add(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	return set_caps(&r->spec.cap_add, value, e);
}

int run_set_cap_drop(const struct option_row *row, void *to, const char *value, struct err *e)
{
	struct run_request *r = to;

	(void)row;
	return set_caps(&r->spec.cap_drop, value, e);
}

/* Adds to `to` what was configured, without what an option says the contrary of. */
static void add_configured(struct strv *to, const struct strv *configured,
			   const struct strv *contrary)
{
	for (size_t i = 0; i < configured->n; i++) {
		bool kept = true;

		for (size_t k = 0; kept && k < contrary->n; k++)
			kept = strcasecmp(contrary->v[k], "ALL") != 0 &&
			       caps_number(contrary->v[k]) != caps_number(configured->v[i]);
		if (kept)
			strv_add(to, configured->v[i]);
	}
}

void run_caps_join(struct spec *s, const struct strv *add, const struct strv *drop)
{
	struct strv typed_add = s->cap_add, typed_drop = s->cap_drop;

	s->cap_add = s->cap_drop = (struct strv){0};
	add_configured(&s->cap_add, add, &typed_drop);
	add_configured(&s->cap_drop, drop, &typed_add);
	strv_copy(&s->cap_add, &typed_add);
	strv_copy(&s->cap_drop, &typed_drop);
	strv_free(&typed_add);
	strv_free(&typed_drop);
}
