/* SPDX-License-Identifier: Apache-2.0 */
/* Reads seccomp profiles; pure, in the host process, of text that may come from anyone. */
#include "seccomp/profile.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/kernel/caps.h"

#include <linux/seccomp.h>

static const struct action_name {
	const char *name;
	uint32_t action;
	int64_t max_data; /* of errnoRet; -1: the action takes none */
} actions[] = {
    {"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW, -1},
    /* MAX_ERRNO of the kernel: more is cut down silently; 0 is success without the deed. */
    {"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, 4095},
    {"SCMP_ACT_LOG", SECCOMP_RET_LOG, -1},
    {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD, -1},
    {"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD, -1},
    {"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, -1},
    {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP, -1},
    {"SCMP_ACT_TRACE", SECCOMP_RET_TRACE, SECCOMP_RET_DATA},
};

static const struct {
	const char *name;
	enum scmp_compare op;
} comparisons[] = {
    {"SCMP_CMP_NE", SCMP_CMP_NE},
    {"SCMP_CMP_LT", SCMP_CMP_LT},
    {"SCMP_CMP_LE", SCMP_CMP_LE},
    {"SCMP_CMP_EQ", SCMP_CMP_EQ},
    {"SCMP_CMP_GE", SCMP_CMP_GE},
    {"SCMP_CMP_GT", SCMP_CMP_GT},
    {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
};

static const struct {
	const char *name;
	uint32_t flag;
} flag_names[] = {
    {"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
    {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
};

/* A filter has rules for the native ABI alone; these are here to find a misspelt one. */
static const char *const architectures[] = {
    "SCMP_ARCH_X86",	 "SCMP_ARCH_X86_64",   "SCMP_ARCH_X32",		"SCMP_ARCH_ARM",
    "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",	"SCMP_ARCH_MIPS64N32",
    "SCMP_ARCH_MIPSEL",	 "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
    "SCMP_ARCH_PPC64",	 "SCMP_ARCH_PPC64LE",  "SCMP_ARCH_S390",	"SCMP_ARCH_S390X",
    "SCMP_ARCH_PARISC",	 "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",	"SCMP_ARCH_LOONGARCH64",
    "SCMP_ARCH_M68K",	 "SCMP_ARCH_SH",       "SCMP_ARCH_SHEB",
};

static int refuse_notify(const char *key, struct err *e)
{
	err_msg(e, "%s hands system calls to a supervising process, which rlc does not have yet",
		key);
	return err_hint(e, "refuse or allow these system calls in the profile instead");
}

static int find_action(const char *key, const char *word, const struct action_name **ret,
		       struct err *e)
{
	if (strcmp(word, "SCMP_ACT_NOTIFY") == 0)
		return refuse_notify("SCMP_ACT_NOTIFY", e);
	for (size_t i = 0; i < array_len(actions); i++) {
		if (strcmp(actions[i].name, word) == 0) {
			*ret = &actions[i];
			return 0;
		}
	}
	return err_msg(e, "\"%s\" is no action that seccomp knows: \"%.64s\"", key, word);
}

static int errno_number(const char *name)
{
	for (int i = 1; i < 256; i++) {
		const char *known = strerrorname_np(i);

		if (known && strcmp(known, name) == 0)
			return i;
	}
	/* Second names of the same numbers, which the C library does not give back. */
	if (strcmp(name, "EWOULDBLOCK") == 0)
		return EWOULDBLOCK;
	if (strcmp(name, "EOPNOTSUPP") == 0)
		return EOPNOTSUPP;
	return -1;
}

struct action_keys {
	const char *action, *number, *name;
};

/* An action with its errno; the name, Podman's addition, wins over the number as it does there. */
static int read_action(struct json_object *o, const struct action_keys *keys, uint32_t *ret,
		       struct err *e)
{
	const struct action_name *action = NULL;
	const char *word = NULL, *name = NULL;
	int64_t data = -1;

	if (json_get_str(o, keys->action, &word, e) < 0 ||
	    json_get_i64(o, keys->number, &data, e) < 0 ||
	    json_get_str(o, keys->name, &name, e) < 0)
		return -1;
	if (!word)
		return err_msg(e, "\"%s\" is missing", keys->action);
	if (find_action(keys->action, word, &action, e) < 0)
		return -1;
	if (data < -1)
		return err_msg(e, "\"%s\" is negative", keys->number);
	if (name && *name) {
		data = errno_number(name);
		if (data < 0)
			return err_msg(e, "\"%s\" is no error name: \"%.64s\"", keys->name, name);
	}
	if (data >= 0 && action->max_data < 0)
		return err_msg(e, "%s takes no \"%s\"", word, keys->number);
	if (data > action->max_data && data >= 0)
		return err_msg(e, "\"%s\" is %lld, above %lld", keys->number, (long long)data,
			       (long long)action->max_data);
	if (data < 0)
		data = action->max_data < 0 ? 0 : EPERM;
	*ret = action->action | (uint32_t)data;
	return 0;
}

/* A 64-bit register's value: unlike json_get_i64, up to 2^64 - 1. Absent counts as 0. */
static int read_u64(struct json_object *o, const char *key, uint64_t *ret, struct err *e)
{
	struct json_object *v;
	int64_t small = 0;

	if (json_get_i64(o, key, &small, e) < 0)
		return -1;
	if (small < 0)
		return err_msg(e, "\"%s\" is negative", key);
	*ret = json_object_object_get_ex(o, key, &v) && v ? json_object_get_uint64(v) : 0;
	return 0;
}

static int read_arg(struct json_object *o, struct scmp_arg_cmp *ret, struct err *e)
{
	int64_t index = -1;
	const char *word = NULL;

	if (json_get_i64(o, "index", &index, e) < 0 || json_get_str(o, "op", &word, e) < 0 ||
	    read_u64(o, "value", &ret->datum_a, e) < 0 ||
	    read_u64(o, "valueTwo", &ret->datum_b, e) < 0)
		return -1;
	if (index < 0 || index > 5)
		return err_msg(e, "\"index\" must be there, from 0 to 5");
	ret->arg = (unsigned)index;
	for (size_t i = 0; word && i < array_len(comparisons); i++) {
		if (strcmp(comparisons[i].name, word) == 0) {
			ret->op = comparisons[i].op;
			return 0;
		}
	}
	return err_msg(e, "\"op\" is no comparison that seccomp knows: \"%.64s\"",
		       word ? word : "(none)");
}

static int read_args(struct json_object *o, struct profile_rule *rule, struct err *e)
{
	struct json_object *list = NULL;

	if (json_get_array(o, "args", &list, e) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct scmp_arg_cmp arg = {0};

		if (read_arg(json_object_array_get_idx(list, i), &arg, e) < 0)
			return err_ctx(e, "args[%zu]", i);
		rule->args = xreallocarray(rule->args, rule->n_args + 1, sizeof(arg));
		rule->args[rule->n_args++] = arg;
	}
	return 0;
}

/* Conditions of "includes" and "excludes"; absent ones are not set. */
struct condition {
	uint64_t caps;
	struct strv arches;
	unsigned kernel_version;
	bool has_caps, has_kernel;
};

static int read_kernel(const char *text, struct condition *c, struct err *e)
{
	auto_strv struct strv parts = {0};
	int64_t major, minor;

	strv_split(&parts, text, ".");
	if (parts.n != 2 || !str_to_i64(parts.v[0], 0, 9999, &major) ||
	    !str_to_i64(parts.v[1], 0, 9999, &minor))
		return err_msg(e, "\"minKernel\" is not MAJOR.MINOR: \"%.64s\"", text);
	c->has_kernel = true;
	c->kernel_version = (unsigned)(major << 16 | minor);
	return 0;
}

/* What is not understood here must not widen a rule: a stranger's condition is an error. */
static int known_members(struct json_object *o, struct err *e)
{
	json_object_object_foreach(o, key, value)
	{
		(void)value;
		if (strcmp(key, "caps") != 0 && strcmp(key, "arches") != 0 &&
		    strcmp(key, "minKernel") != 0)
			return err_msg(e, "unknown condition \"%.64s\"", key);
	}
	return 0;
}

static int read_condition(struct json_object *rule, const char *key, struct condition *c,
			  struct err *e)
{
	auto_strv struct strv caps = {0};
	struct json_object *o = NULL;
	const char *kernel = NULL;

	if (json_get_object(rule, key, &o, e) < 0)
		return -1;
	if (!o)
		return 0;
	if (known_members(o, e) < 0 || json_get_strv(o, "caps", &caps, e) < 0 ||
	    json_get_strv(o, "arches", &c->arches, e) < 0 ||
	    json_get_str(o, "minKernel", &kernel, e) < 0 || caps_mask_of(&caps, &c->caps, e) < 0 ||
	    (kernel && *kernel && read_kernel(kernel, c, e) < 0))
		return err_ctx(e, "%s", key);
	c->has_caps = caps.n > 0;
	return 0;
}

/* Docker's meaning: all that "includes" says must hold, and nothing that "excludes" says. */
static int rule_applies(struct json_object *o, const struct profile_host *host, bool *ret,
			struct err *e)
{
	struct condition in = {0}, out = {0};
	int failed =
	    read_condition(o, "includes", &in, e) < 0 || read_condition(o, "excludes", &out, e) < 0;

	*ret = (host->caps & in.caps) == in.caps && !(host->caps & out.caps) &&
	       (in.arches.n == 0 || strv_has(&in.arches, host->arch)) &&
	       !strv_has(&out.arches, host->arch) &&
	       (!in.has_kernel || host->kernel_version >= in.kernel_version) &&
	       !(out.has_kernel && host->kernel_version >= out.kernel_version);
	strv_free(&in.arches);
	strv_free(&out.arches);
	return failed ? -1 : 0;
}

static int read_names(struct json_object *o, struct profile_rule *rule, struct err *e)
{
	const char *single = NULL;

	if (json_get_str(o, "name", &single, e) < 0 ||
	    json_get_strv(o, "names", &rule->names, e) < 0)
		return -1;
	if (single && *single && rule->names.n > 0)
		return err_msg(e, "it has both \"name\" and \"names\"");
	if (single && *single)
		strv_add(&rule->names, single);
	if (rule->names.n == 0)
		return err_msg(e, "it names no system call (\"names\")");
	return 0;
}

static void rule_free(struct profile_rule *rule)
{
	strv_free(&rule->names);
	free(rule->args);
}

static int read_rule(struct json_object *o, const struct profile_host *host, struct profile *p,
		     struct err *e)
{
	static const struct action_keys keys = {"action", "errnoRet", "errno"};
	struct profile_rule rule = {0};
	bool applies;

	if (read_names(o, &rule, e) < 0 || read_action(o, &keys, &rule.action, e) < 0 ||
	    read_args(o, &rule, e) < 0 || rule_applies(o, host, &applies, e) < 0) {
		rule_free(&rule);
		return -1;
	}
	if (!applies) {
		rule_free(&rule);
		return 0;
	}
	p->rules = xreallocarray(p->rules, p->n_rules + 1, sizeof(rule));
	p->rules[p->n_rules++] = rule;
	return 0;
}

static int read_flags(struct json_object *o, struct profile *p, struct err *e)
{
	auto_strv struct strv words = {0};
	struct json_object *list = NULL;

	if (json_get_array(o, "flags", &list, e) < 0 || json_get_strv(o, "flags", &words, e) < 0)
		return -1;
	/* runc and crun do so: without the flag, kernels before 5.16 slow every thread down. */
	if (!list)
		p->flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; i < words.n; i++) {
		size_t k = 0;

		if (strcmp(words.v[i], "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") == 0)
			return refuse_notify(words.v[i], e);
		while (k < array_len(flag_names) && strcmp(flag_names[k].name, words.v[i]) != 0)
			k++;
		if (k == array_len(flag_names))
			return err_msg(e, "flags[%zu]: unknown flag \"%.64s\"", i, words.v[i]);
		p->flags |= flag_names[k].flag;
	}
	return 0;
}

static int check_architectures(struct json_object *o, const char *key, struct err *e)
{
	auto_strv struct strv words = {0};

	if (json_get_strv(o, key, &words, e) < 0)
		return -1;
	for (size_t i = 0; i < words.n; i++) {
		size_t k = 0;

		while (k < array_len(architectures) && strcmp(architectures[k], words.v[i]) != 0)
			k++;
		if (k == array_len(architectures))
			return err_msg(e, "%s[%zu]: unknown architecture \"%.64s\"", key, i,
				       words.v[i]);
	}
	return 0;
}

static int check_arch_map(struct json_object *root, struct err *e)
{
	struct json_object *list = NULL, *unused = NULL;

	if (json_get_array(root, "archMap", &list, e) < 0 ||
	    json_get_array(root, "architectures", &unused, e) < 0)
		return -1;
	if (list && json_object_array_length(list) > 0 && unused &&
	    json_object_array_length(unused) > 0)
		return err_msg(e, "it has both \"architectures\" and \"archMap\"");
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		const char *name = NULL;

		if (json_get_str(entry, "architecture", &name, e) < 0 ||
		    check_architectures(entry, "subArchitectures", e) < 0)
			return err_ctx(e, "archMap[%zu]", i);
		if (!name)
			return err_msg(e, "archMap[%zu]: \"architecture\" is missing", i);
	}
	return 0;
}

static int read_profile(struct json_object *root, const struct profile_host *host,
			struct profile *p, struct err *e)
{
	static const struct action_keys keys = {"defaultAction", "defaultErrnoRet", "defaultErrno"};
	static const char *const listener[] = {"listenerPath", "listenerMetadata"};
	struct json_object *list = NULL;

	if (read_action(root, &keys, &p->default_action, e) < 0 || read_flags(root, p, e) < 0 ||
	    check_architectures(root, "architectures", e) < 0 || check_arch_map(root, e) < 0 ||
	    json_get_array(root, "syscalls", &list, e) < 0)
		return -1;
	for (size_t i = 0; i < array_len(listener); i++) {
		const char *value = NULL;

		if (json_get_str(root, listener[i], &value, e) < 0)
			return -1;
		if (value && *value)
			return refuse_notify(listener[i], e);
	}
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (read_rule(json_object_array_get_idx(list, i), host, p, e) < 0)
			return err_ctx(e, "syscalls[%zu]", i);
	return 0;
}

int profile_parse(const char *text, size_t n, const char *name, const struct profile_host *host,
		  struct profile *ret, struct err *e)
{
	auto_json struct json_object *root = NULL;
	auto_profile struct profile p = {0};

	if (json_parse(text, n, name, &root, e) < 0)
		return err_ctx(e, "seccomp profile");
	if (read_profile(root, host, &p, e) < 0)
		return err_ctx(e, "seccomp profile %s", name);
	*ret = p;
	p = (struct profile){0};
	return 0;
}

void profile_free(struct profile *p)
{
	for (size_t i = 0; i < p->n_rules; i++)
		rule_free(&p->rules[i]);
	free(p->rules);
	*p = (struct profile){0};
}
