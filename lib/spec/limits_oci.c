/* SPDX-License-Identifier: Apache-2.0 */
/* Limits as "resources" of a config.json: pure; used by rlc's commands. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/spec/limits.h"

/* Where each number stands; what a record says is checked against the same bounds as options. */
static const struct {
	const char *part, *key;
	size_t at;
	int64_t min, max;
} members[] = {
    {"memory", "limit", offsetof(struct spec_limits, memory), 1, INT64_MAX},
    {"memory", "swap", offsetof(struct spec_limits, memory_swap), 1, INT64_MAX},
    {"memory", "reservation", offsetof(struct spec_limits, memory_reservation), 1, INT64_MAX},
    {"pids", "limit", offsetof(struct spec_limits, pids), 1, INT64_MAX},
    {"cpu", "quota", offsetof(struct spec_limits, cpu_quota), 1, INT64_MAX},
    {"cpu", "period", offsetof(struct spec_limits, cpu_period), 1000, 1000000},
    {"cpu", "shares", offsetof(struct spec_limits, cpu_shares), 2, 262144},
    {"blockIO", "weight", offsetof(struct spec_limits, blkio_weight), 10, 1000},
};

static struct json_object *part_of(struct json_object *resources, const char *name)
{
	struct json_object *part;

	return json_object_object_get_ex(resources, name, &part) ? part
								 : json_add_object(resources, name);
}

/* What the format wants spelled out: a limit of swap beside every limit of memory, and so on. */
static int64_t value_of(const struct spec_limits *l, size_t i)
{
	int64_t value = *(const int64_t *)((const char *)l + members[i].at);

	if (value < 0 && members[i].at == offsetof(struct spec_limits, memory_swap) &&
	    l->memory > 0)
		return l->memory > INT64_MAX / 2 ? INT64_MAX : l->memory * 2;
	if (value < 0 && members[i].at == offsetof(struct spec_limits, cpu_period) &&
	    l->cpu_quota > 0)
		return SPEC_CPU_PERIOD;
	/* "No limit" is -1 there; all but that of swap are the same without a word. */
	if (value == 0 && members[i].at == offsetof(struct spec_limits, memory_swap) &&
	    l->memory > 0)
		return -1;
	return value > 0 ? value : 0;
}

void limits_to_oci(const struct spec_limits *l, struct json_object *linux_part)
{
	struct json_object *resources;

	if (!limits_any(l))
		return;
	resources = json_add_object(linux_part, "resources");
	for (size_t i = 0; i < array_len(members); i++)
		if (value_of(l, i))
			json_add_i64(part_of(resources, members[i].part), members[i].key,
				     value_of(l, i));
	if (l->cpuset_cpus)
		json_add_str(part_of(resources, "cpu"), "cpus", l->cpuset_cpus);
	if (l->cpuset_mems)
		json_add_str(part_of(resources, "cpu"), "mems", l->cpuset_mems);
	for (size_t i = 0; i < l->conf.n; i++) {
		auto_free char *key = xstrndup(l->conf.v[i], strcspn(l->conf.v[i], "="));

		json_add_str(part_of(resources, "unified"), key, l->conf.v[i] + strlen(key) + 1);
	}
}

static int get_number(struct json_object *resources, size_t i, struct spec_limits *l, struct err *e)
{
	struct json_object *part = NULL;
	int64_t value = 0;

	if (json_get_object(resources, members[i].part, &part, e) < 0)
		return -1;
	if (!part)
		return 0;
	if (json_get_i64(part, members[i].key, &value, e) < 0)
		return err_ctx(e, "%s", members[i].part);
	if (value == 0)
		return 0;
	if (value == -1 && members[i].at != offsetof(struct spec_limits, cpu_period))
		value = 0;
	else if (value < members[i].min || value > members[i].max)
		return err_msg(e, "%s.%s is %lld, not between %lld and %lld", members[i].part,
			       members[i].key, (long long)value, (long long)members[i].min,
			       (long long)members[i].max);
	memcpy((char *)l + members[i].at, &value, sizeof(value));
	return 0;
}

static int get_list(struct json_object *cpu, const char *key, char **ret, struct err *e)
{
	struct limits_cpus cpus;

	if (json_copy_str(cpu, key, ret, e) < 0)
		return -1;
	if (*ret && !limits_parse_cpus(*ret, &cpus))
		return err_msg(e, "cpu.%s is no list of numbers", key);
	return 0;
}

static int get_members(struct json_object *resources, struct spec_limits *l, struct err *e)
{
	struct json_object *cpu = NULL, *unified = NULL;

	for (size_t i = 0; i < array_len(members); i++)
		if (get_number(resources, i, l, e) < 0)
			return -1;
	if (json_get_object(resources, "cpu", &cpu, e) < 0 ||
	    json_get_object(resources, "unified", &unified, e) < 0)
		return -1;
	if (cpu && (get_list(cpu, "cpus", &l->cpuset_cpus, e) < 0 ||
		    get_list(cpu, "mems", &l->cpuset_mems, e) < 0))
		return -1;
	if (!unified)
		return 0;
	json_object_object_foreach(unified, key, value)
	{
		if (!json_object_is_type(value, json_type_string) || strchr(key, '='))
			return err_msg(e, "unified.%s is no text", key);
		strv_addf(&l->conf, "%s=%s", key, json_object_get_string(value));
	}
	return 0;
}

int limits_from_oci(struct json_object *resources, struct spec_limits *ret, struct err *e)
{
	struct spec_limits l;

	limits_init(&l);
	if (get_members(resources, &l, e) < 0) {
		limits_free(&l);
		return err_ctx(e, "resources");
	}
	*ret = l;
	return 0;
}
