/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs against their profiles: what a program answers, fresh and from the cache, for every
 * number of the native ABI, of x32 and of a foreign one, is what a plain reading of the JSON
 * text says. The reading shares no code with the compiler or its parser.
 */
#include "seccomp/filter.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"
#include "seccomp/default.h"
#include "seccomp/emulate.h"
#include "seccomp/syscalls.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <seccomp.h>

enum { NUMBERS = 1024, LAST = 469, X32 = 0x40000000 };
#define ENOSYS_ANSWER (SECCOMP_RET_ERRNO | ENOSYS)

#define CAP(n) (UINT64_C(1) << (n))

/* linux/capability.h, as far as profiles here ask for them. */
static const struct {
	const char *name;
	int number;
} cap_names[] = {
    {"CAP_DAC_READ_SEARCH", 2}, {"CAP_SYS_MODULE", 16},
    {"CAP_SYS_RAWIO", 17},	{"CAP_SYS_CHROOT", 18},
    {"CAP_SYS_PTRACE", 19},	{"CAP_SYS_PACCT", 20},
    {"CAP_SYS_ADMIN", 21},	{"CAP_SYS_BOOT", 22},
    {"CAP_SYS_NICE", 23},	{"CAP_SYS_TIME", 25},
    {"CAP_SYS_TTY_CONFIG", 26}, {"CAP_SYSLOG", 34},
    {"CAP_PERFMON", 38},	{"CAP_BPF", 39},
};

/* include/uapi/asm-generic/unistd.h of Linux 6.18: what libseccomp may not know. */
static const struct {
	int number;
	const char *name;
} new_names[] = {
    {451, "cachestat"},		{452, "fchmodat2"},	   {453, "map_shadow_stack"},
    {454, "futex_wake"},	{455, "futex_wait"},	   {456, "futex_requeue"},
    {457, "statmount"},		{458, "listmount"},	   {459, "lsm_get_self_attr"},
    {460, "lsm_set_self_attr"}, {461, "lsm_list_modules"}, {462, "mseal"},
    {463, "setxattrat"},	{464, "getxattrat"},	   {465, "listxattrat"},
    {466, "removexattrat"},	{467, "open_tree_attr"},   {468, "file_getattr"},
    {469, "file_setattr"},
#ifdef __x86_64__
    {335, "uretprobe"},		{336, "uprobe"},
#endif
};

/* Families, personalities, CLONE_ flags (0x1200011: fork, 0x3d0f00: a thread), ends of halves. */
static const uint64_t values[] = {0,
				  1,
				  2,
				  4,
				  5,
				  6,
				  8,
				  9,
				  16,
				  17,
				  37,
				  38,
				  39,
				  40,
				  41,
				  44,
				  45,
				  46,
				  0x1200011,
				  0x3d0f00,
				  0x20000,
				  0x20008,
				  0x2000000,
				  0x4000000,
				  0x8000000,
				  0x10000000,
				  0x20000000,
				  0x40000000,
				  0x7e020000,
				  0x7fffffff,
				  0x80000000,
				  0xfffffffe,
				  0xffffffff,
				  0x100000000,
				  0x100000001,
				  0x100000005,
				  0x100000008,
				  0x100000028,
				  0x120000000,
				  0x1ffffffff,
				  0x200000005,
				  0x8000000000000000,
				  0xffffffff00000000,
				  0xffffffff00000028,
				  0xfffffffffffffffe,
				  0xffffffffffffffff};

/* Under each of these the init can start, which filter_build asks for. */
#define STARTS "read,write,close,newfstatat,execve,exit_group,capset ALLOW"

/* Rules in short: NAME,… ACTION[:ERRNO] [INDEX OP VALUE [VALUETWO]]… */
static const struct sample {
	const char *what, *by_default;
	const char *rules[8];
} samples[] = {
    {"each comparison",
     "ERRNO",
     {"personality ALLOW 0 EQ 4294967301", "socket ALLOW 0 NE 4294967336",
      "getpriority ALLOW 0 LT 4294967301", "setpriority ALLOW 0 LE 4294967301",
      "nanosleep ALLOW 0 GT 4294967301", "kill ALLOW 0 GE 4294967301",
      "clone ALLOW 0 MASKED_EQ 18446744069414584361 4294967337"}},
    {"each comparison at the ends of the range",
     "ERRNO",
     {"personality ALLOW 0 LT 0", "socket ALLOW 0 GE 0",
      "getpriority ALLOW 0 GT 18446744073709551615", "setpriority ALLOW 0 LE 18446744073709551615",
      "clone ALLOW 0 MASKED_EQ 0 0", "kill ALLOW 0 MASKED_EQ 4294967297 4294967303"}},
    /* libseccomp 2.5.4 lets 2^32 - 1 through here. */
    {"comparisons that libseccomp merges wrongly",
     "ERRNO",
     {"socket ALLOW 0 LE 1", "socket ALLOW 0 GT 4294967296"}},
    {"conditions on several arguments",
     "ERRNO",
     {"socket ALLOW 0 EQ 16 1 NE 5 2 LT 9", "socket ALLOW 1 EQ 40"}},
    {"two conditions on one argument stand alone", "ERRNO", {"socket ALLOW 0 EQ 1 0 EQ 2 1 EQ 9"}},
    {"a refusal under a condition wins, before and after",
     "ERRNO",
     {"socket ERRNO 0 EQ 40", "socket,personality ALLOW", "personality KILL_PROCESS 0 EQ 8",
      "clone ALLOW 0 NE 16", "clone ERRNO 0 EQ 40", "kill LOG 0 EQ 9", "kill ALLOW"}},
    {"of two rules without conditions the first",
     "ERRNO",
     {"socket ALLOW", "socket,personality ERRNO:22", "personality ALLOW",
      "personality ALLOW 0 EQ 8"}},
    {"all but some is let through",
     "ALLOW",
     {"mount,mseal ERRNO:38", "socket KILL 0 EQ 40", "personality LOG"}},
    {"all is logged", "LOG", {"mount KILL_THREAD"}},
    {"the rest kills", "KILL_PROCESS", {"socket ALLOW 0 NE 40"}},
    {"the rest kills a thread, and some a process", "KILL", {"socket KILL_PROCESS"}},
    {"names that nobody knows are passed over",
     "ERRNO",
     {"frobnicate ALLOW", "socketcall ALLOW", "socket ALLOW"}},
    {"every other action",
     "TRAP",
     {"socket ERRNO", "kill TRACE:7", "clone ERRNO:0", "personality KILL_THREAD"}},
};

static void write_rule(struct str *json, const char *rule)
{
	auto_strv struct strv words = {0}, names = {0};
	char *colon;

	strv_split(&words, rule, " ");
	strv_split(&names, words.v[0], ",");
	str_add(json, "{\"names\":[");
	for (size_t i = 0; i < names.n; i++)
		str_addf(json, "%s\"%s\"", i ? "," : "", names.v[i]);
	colon = strchr(words.v[1], ':');
	str_addf(json, "],\"action\":\"SCMP_ACT_%.*s\"", (int)(colon ? colon - words.v[1] : 99),
		 words.v[1]);
	if (colon)
		str_addf(json, ",\"errnoRet\":%s", colon + 1);
	str_add(json, ",\"args\":[");
	for (size_t i = 2; i < words.n; i += 3) {
		str_addf(json, "%s{\"index\":%s,\"op\":\"SCMP_CMP_%s\",\"value\":%s",
			 i > 2 ? "," : "", words.v[i], words.v[i + 1], words.v[i + 2]);
		if (strcmp(words.v[i + 1], "MASKED_EQ") == 0)
			str_addf(json, ",\"valueTwo\":%s", words.v[++i + 2]);
		str_add(json, "}");
	}
	str_add(json, "]}");
}

static char *write_sample(const struct sample *sample)
{
	struct str json = {0};

	str_addf(&json, "{\"defaultAction\":\"SCMP_ACT_%s\",\"syscalls\":[", sample->by_default);
	write_rule(&json, STARTS);
	for (size_t i = 0; i < array_len(sample->rules) && sample->rules[i]; i++) {
		str_add(&json, ",");
		write_rule(&json, sample->rules[i]);
	}
	str_add(&json, "]}");
	return str_take(&json);
}

/* --- the plain reading --- */

static const char *string_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : NULL;
}

static uint64_t number_of(struct json_object *o, const char *key, uint64_t absent)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_uint64(v) : absent;
}

static size_t length_of(struct json_object *o, const char *key, struct json_object **list)
{
	*list = NULL;
	return json_object_object_get_ex(o, key, list) ? json_object_array_length(*list) : 0;
}

static bool list_has(struct json_object *o, const char *key, const char *item)
{
	struct json_object *list;
	size_t n = length_of(o, key, &list);

	for (size_t i = 0; i < n; i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), item) == 0)
			return true;
	return false;
}

static bool cap_held(const char *name, uint64_t caps)
{
	for (size_t i = 0; i < array_len(cap_names); i++)
		if (strcmp(cap_names[i].name, name) == 0)
			return caps & CAP(cap_names[i].number);
	abort();
}

/* Kernels before 4.8 are not tested on: minKernel always holds. */
static bool rule_applies(struct json_object *rule, uint64_t caps)
{
	struct json_object *o, *list;
	bool applies = true;

	if (json_object_object_get_ex(rule, "includes", &o)) {
		for (size_t i = 0, n = length_of(o, "caps", &list); i < n; i++)
			applies &= cap_held(
			    json_object_get_string(json_object_array_get_idx(list, i)), caps);
		if (length_of(o, "arches", &list))
			applies &= list_has(o, "arches", SYSCALL_ARCH_NAME);
	}
	if (json_object_object_get_ex(rule, "excludes", &o)) {
		for (size_t i = 0, n = length_of(o, "caps", &list); i < n; i++)
			applies &= !cap_held(
			    json_object_get_string(json_object_array_get_idx(list, i)), caps);
		applies &= !list_has(o, "arches", SYSCALL_ARCH_NAME);
	}
	return applies;
}

static uint32_t action_of(struct json_object *o, const char *key, const char *errno_key)
{
	static const struct {
		const char *name;
		uint32_t action, data;
	} actions[] = {
	    {"SCMP_ACT_ALLOW", 0x7fff0000, 0},	   {"SCMP_ACT_LOG", 0x7ffc0000, 0},
	    {"SCMP_ACT_TRACE", 0x7ff00000, EPERM}, {"SCMP_ACT_ERRNO", 0x00050000, EPERM},
	    {"SCMP_ACT_TRAP", 0x00030000, 0},	   {"SCMP_ACT_KILL", 0, 0},
	    {"SCMP_ACT_KILL_THREAD", 0, 0},	   {"SCMP_ACT_KILL_PROCESS", 0x80000000, 0},
	};
	const char *name = string_of(o, key);

	for (size_t i = 0; i < array_len(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return actions[i].action |
			       (uint32_t)number_of(o, errno_key, actions[i].data);
	abort();
}

static bool holds(struct json_object *arg, const struct seccomp_data *data)
{
	uint64_t is = data->args[number_of(arg, "index", 0)], v = number_of(arg, "value", 0);
	const char *op = string_of(arg, "op") + strlen("SCMP_CMP_");

	if (strcmp(op, "NE") == 0)
		return is != v;
	if (strcmp(op, "LT") == 0)
		return is < v;
	if (strcmp(op, "LE") == 0)
		return is <= v;
	if (strcmp(op, "EQ") == 0)
		return is == v;
	if (strcmp(op, "GE") == 0)
		return is >= v;
	if (strcmp(op, "GT") == 0)
		return is > v;
	return (is & v) == (number_of(arg, "valueTwo", 0) & v);
}

static bool rule_matches(struct json_object *rule, const struct seccomp_data *data)
{
	struct json_object *args;
	size_t n = length_of(rule, "args", &args), held = 0;
	unsigned seen = 0;
	bool twice = false;

	for (size_t i = 0; i < n; i++) {
		struct json_object *arg = json_object_array_get_idx(args, i);
		unsigned bit = 1u << number_of(arg, "index", 0);

		twice |= seen & bit;
		seen |= bit;
		held += holds(arg, data);
	}
	return twice ? held > 0 : held == n;
}

/* Smaller is stricter; seccomp(2) lists the actions in this order. */
static int rank(uint32_t answer)
{
	static const uint32_t order[] = {0x80000000, 0,		 0x00030000, 0x00050000,
					 0x7fc00000, 0x7ff00000, 0x7ffc0000, 0x7fff0000};

	for (size_t i = 0; i < array_len(order); i++)
		if (order[i] == (answer & 0xffff0000))
			return (int)i;
	abort();
}

struct reading {
	uint32_t by_default;
	struct json_object *rules[64]; /* those that apply and name the call */
	size_t n;
};

static uint32_t expected(const struct reading *r, const struct seccomp_data *data)
{
	uint32_t best = r->by_default;
	bool always = false, any = false;
	struct json_object *unused;

	if (data->arch != SYSCALL_ARCH)
		return SECCOMP_RET_KILL_PROCESS;
	if ((unsigned)data->nr >= X32 || (data->nr > LAST && rank(r->by_default) < 6))
		return ENOSYS_ANSWER;
	/* The first rule without conditions is what the others are measured by. */
	for (size_t i = 0; i < r->n && !always; i++) {
		if (length_of(r->rules[i], "args", &unused) > 0)
			continue;
		best = action_of(r->rules[i], "action", "errnoRet");
		always = any = true;
	}
	for (size_t i = 0; i < r->n; i++) {
		uint32_t action = action_of(r->rules[i], "action", "errnoRet");

		if (length_of(r->rules[i], "args", &unused) == 0 ||
		    !rule_matches(r->rules[i], data) || (any && rank(action) >= rank(best)))
			continue;
		best = action;
		any = true;
	}
	return best;
}

static void read_for(struct json_object *root, const char *name, uint64_t caps, struct reading *ret)
{
	struct json_object *list;
	size_t n = length_of(root, "syscalls", &list);

	ret->n = 0;
	ret->by_default = action_of(root, "defaultAction", "defaultErrnoRet");
	for (size_t i = 0; name && i < n; i++) {
		struct json_object *rule = json_object_array_get_idx(list, i);
		const char *single = string_of(rule, "name");

		if ((list_has(rule, "names", name) || (single && strcmp(single, name) == 0)) &&
		    rule_applies(rule, caps) && ret->n < array_len(ret->rules))
			ret->rules[ret->n++] = rule;
	}
}

/* --- the comparison --- */

static char *name_of(int number)
{
	for (size_t i = 0; i < array_len(new_names); i++)
		if (new_names[i].number == number)
			return strdup(new_names[i].name);
	return seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
}

static size_t compare(const struct filter *f, const struct reading *r,
		      const struct seccomp_data *data)
{
	uint32_t want = expected(r, data), got = emulate_filter(f->insns, f->n, data);

	if (got == want)
		return 0;
	printf("# %d on %#x (%#llx, %#llx, %#llx): %#x, not %#x\n", data->nr, data->arch,
	       (unsigned long long)data->args[0], (unsigned long long)data->args[1],
	       (unsigned long long)data->args[2], got, want);
	return 1;
}

static bool has_conditions(const struct reading *r)
{
	struct json_object *unused;

	for (size_t i = 0; i < r->n; i++)
		if (length_of(r->rules[i], "args", &unused) > 0)
			return true;
	return false;
}

/* All pairs of values where a rule looks at arguments, else each value once. */
static size_t compare_args(const struct filter *f, const struct reading *r,
			   struct seccomp_data *data)
{
	size_t pairs = has_conditions(r) ? array_len(values) : 1, wrong = 0;

	for (size_t a = 0; a < array_len(values); a++) {
		for (size_t b = 0; b < pairs; b++) {
			data->args[0] = values[a];
			data->args[1] = values[b];
			data->args[2] = values[(a * 7 + b) % array_len(values)];
			wrong += compare(f, r, data);
			if (wrong > 5)
				return wrong;
		}
	}
	return wrong;
}

/* Every number of the native ABI and what stands for it in x32's and in foreign ones. */
static size_t compare_all(const struct filter *f, struct json_object *root, uint64_t caps)
{
	static const uint32_t foreign[] = {AUDIT_ARCH_I386, AUDIT_ARCH_ARM, 0, ~0u};
	struct reading r;
	size_t wrong = 0;

	for (int number = 0; number < NUMBERS && wrong <= 5; number++) {
		struct seccomp_data data = {.nr = number, .arch = SYSCALL_ARCH};
		auto_free char *name = name_of(number);

		read_for(root, name, caps, &r);
		wrong += compare_args(f, &r, &data);
		data.nr = number | X32;
		wrong += compare(f, &r, &data);
		data.nr = number;
		for (size_t i = 0; i < array_len(foreign); i++) {
			data.arch = foreign[i];
			wrong += compare(f, &r, &data);
		}
	}
	read_for(root, NULL, caps, &r);
	wrong += compare(f, &r, &(struct seccomp_data){.nr = -1, .arch = SYSCALL_ARCH});
	return wrong;
}

/* text: of the file at r->profile, or of the default. */
static void test_equal(const struct filter_request *r, const char *text, const char *what, int dir)
{
	struct json_object *root = json_tokener_parse(text);
	struct filter fresh = {0}, cached = {0};
	struct err e = {0};

	ok(filter_build(r, dir, &fresh, &e) == 0 && !fresh.cached, "%s: compiled %s", what, e.what);
	ok(fresh.n && compare_all(&fresh, root, r->caps) == 0, "%s: as its text says", what);
	ok(filter_build(r, dir, &cached, &e) == 0 && cached.cached, "%s: then cached", what);
	ok(cached.n == fresh.n && cached.flags == fresh.flags &&
	       memcmp(cached.insns, fresh.insns, fresh.n * sizeof(*fresh.insns)) == 0,
	   "%s: the cache gives the same program", what);
	filter_free(&fresh);
	filter_free(&cached);
	json_object_put(root);
}

static void test_default(int dir)
{
	static const struct {
		const char *what;
		uint64_t caps;
	} cases[] = {
	    {"the default, podman's capabilities", 0x800405fb},
	    {"the default, no capabilities", 0},
	    {"the default, all capabilities", CAP(41) - 1},
	    {"the default, CAP_SYS_ADMIN alone", CAP(21)},
	    {"the default, CAP_BPF and CAP_PERFMON", CAP(38) | CAP(39)},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		struct filter_request r = {.caps = cases[i].caps};

		test_equal(&r, default_profile, cases[i].what, dir);
	}
}

int main(void)
{
	char folder[] = "/tmp/seccomp-equal-XXXXXX", path[64];
	struct filter_request r = {.profile = path};
	struct err e;
	int dir;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/profile.json", folder);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_default(dir);
	for (size_t i = 0; i < array_len(samples); i++) {
		auto_free char *text = write_sample(&samples[i]);

		if (file_write(AT_FDCWD, path, text, strlen(text), 0600, false, &e) < 0)
			return 1;
		test_equal(&r, text, samples[i].what, dir);
	}
	close(dir);
	file_remove_tree(AT_FDCWD, folder, &e);
	return tap_end();
}
