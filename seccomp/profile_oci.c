/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a resolved profile as linux.seccomp; in the host process, for `rlc run --dry-run=oci`. */
#include "seccomp/profile_oci.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "seccomp/profile.h"
#include "seccomp/syscalls.h"

/* By the bits of SECCOMP_RET_ACTION_FULL. */
static const struct {
	uint32_t action;
	const char *name;
	bool has_errno; /* its data is what the call returns, or what the tracer is told */
} actions[] = {
    {SECCOMP_RET_ALLOW, "SCMP_ACT_ALLOW", false},
    {SECCOMP_RET_LOG, "SCMP_ACT_LOG", false},
    {SECCOMP_RET_ERRNO, "SCMP_ACT_ERRNO", true},
    {SECCOMP_RET_TRACE, "SCMP_ACT_TRACE", true},
    {SECCOMP_RET_TRAP, "SCMP_ACT_TRAP", false},
    {SECCOMP_RET_KILL_THREAD, "SCMP_ACT_KILL_THREAD", false},
    {SECCOMP_RET_KILL_PROCESS, "SCMP_ACT_KILL_PROCESS", false},
};

static const char *const comparisons[] = {
    [SCMP_CMP_NE] = "SCMP_CMP_NE",
    [SCMP_CMP_LT] = "SCMP_CMP_LT",
    [SCMP_CMP_LE] = "SCMP_CMP_LE",
    [SCMP_CMP_EQ] = "SCMP_CMP_EQ",
    [SCMP_CMP_GE] = "SCMP_CMP_GE",
    [SCMP_CMP_GT] = "SCMP_CMP_GT",
    [SCMP_CMP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};

static const struct {
	uint32_t flag;
	const char *name;
} flags[] = {
    {SECCOMP_FILTER_FLAG_TSYNC, "SECCOMP_FILTER_FLAG_TSYNC"},
    {SECCOMP_FILTER_FLAG_LOG, "SECCOMP_FILTER_FLAG_LOG"},
    {SECCOMP_FILTER_FLAG_SPEC_ALLOW, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"},
};

static void add_action(struct json_object *o, const char *key, const char *errno_key,
		       uint32_t action)
{
	for (size_t i = 0; i < array_len(actions); i++) {
		if (actions[i].action != (action & SECCOMP_RET_ACTION_FULL))
			continue;
		json_add_str(o, key, actions[i].name);
		if (actions[i].has_errno)
			json_add_i64(o, errno_key, action & SECCOMP_RET_DATA);
	}
}

static void add_args(struct json_object *o, const struct profile_rule *rule)
{
	struct json_object *list = json_add_array(o, "args");

	for (size_t i = 0; i < rule->n_args; i++) {
		const struct scmp_arg_cmp *arg = &rule->args[i];
		struct json_object *a = json_object_new_object();

		json_add_i64(a, "index", arg->arg);
		json_object_object_add(a, "value", json_object_new_uint64(arg->datum_a));
		if (arg->op == SCMP_CMP_MASKED_EQ)
			json_object_object_add(a, "valueTwo", json_object_new_uint64(arg->datum_b));
		json_add_str(a, "op", comparisons[arg->op]);
		json_object_array_add(list, a);
	}
}

static void add_rule(struct json_object *list, const struct profile_rule *rule)
{
	struct json_object *o, *names = NULL;

	for (size_t i = 0; i < rule->names.n; i++) {
		if (syscall_number(rule->names.v[i]) < 0)
			continue;
		if (!names)
			names = json_object_new_array();
		json_object_array_add(names, json_object_new_string(rule->names.v[i]));
	}
	if (!names)
		return;
	o = json_object_new_object();
	json_object_object_add(o, "names", names);
	add_action(o, "action", "errnoRet", rule->action);
	if (rule->n_args)
		add_args(o, rule);
	json_object_array_add(list, o);
}

int profile_to_oci(const struct filter_request *r, struct json_object **ret, struct err *e)
{
	auto_profile struct profile p = {0};
	struct json_object *o, *list;

	if (filter_profile(r, &p, e) < 0)
		return -1;
	o = json_object_new_object();
	add_action(o, "defaultAction", "defaultErrnoRet", p.default_action);
	list = p.flags ? json_add_array(o, "flags") : NULL;
	for (size_t i = 0; i < array_len(flags); i++)
		if (p.flags & flags[i].flag)
			json_object_array_add(list, json_object_new_string(flags[i].name));
	list = json_add_array(o, "syscalls");
	for (size_t i = 0; i < p.n_rules; i++)
		add_rule(list, &p.rules[i]);
	*ret = o;
	return 0;
}
