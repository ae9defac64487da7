/* SPDX-License-Identifier: Apache-2.0 */
/* Decides which containers `rlc ps --filter` shows; pure but for compiling expressions. */
#include "cmd/ps_filter.h"

#include "cmd/containers.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/state/record_text.h"

#include <regex.h>

static bool name_matches(const struct container *c, const char *value)
{
	regex_t re;
	bool hit;

	if (regcomp(&re, value, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	hit = regexec(&re, c->record.name, 0, NULL, 0) == 0;
	regfree(&re);
	return hit;
}

static bool id_matches(const struct container *c, const char *value)
{
	return str_starts(c->record.id, value);
}

static bool status_matches(const struct container *c, const char *value)
{
	return strcmp(record_status_name(record_status_now(&c->state)), value) == 0;
}

/* "key" or "key=value". */
static bool label_matches(const struct container *c, const char *value)
{
	const char *equals = strchr(value, '=');
	auto_free char *key = xstrndup(value, equals ? (size_t)(equals - value) : strlen(value));
	const char *label = strv_env_get(&c->record.labels, key);

	return label && (!equals || strcmp(label, equals + 1) == 0);
}

/* By the name it was run by, with or without its tag: the image may be gone by now. */
static bool ancestor_matches(const struct container *c, const char *value)
{
	const char *name = c->record.image_name;
	size_t n = strlen(value);

	if (c->record.image_id && n >= 3 && str_starts(c->record.image_id, value))
		return true;
	return name && (strcmp(name, value) == 0 ||
			(strncmp(name, value, n) == 0 && name[n] == ':' && !strchr(name + n, '/')));
}

static const struct {
	const char *key;
	bool all; /* every value must fit, not just one */
	bool (*matches)(const struct container *c, const char *value);
} keys[] = {
    {"ancestor", false, ancestor_matches}, {"id", false, id_matches},
    {"label", true, label_matches},	   {"name", false, name_matches},
    {"status", false, status_matches},
};

const char *ps_filter_value(const char *filter, const char *key)
{
	size_t n = strlen(key);

	return strncmp(filter, key, n) == 0 && filter[n] == '=' ? filter + n + 1 : NULL;
}

bool ps_filter_has_key(const struct strv *filters, const char *key)
{
	for (size_t i = 0; i < filters->n; i++)
		if (ps_filter_value(filters->v[i], key))
			return true;
	return false;
}

static int check_status(const char *value, struct err *e)
{
	static const char *const known[] = {"created", "running", "paused", "exited"};

	for (size_t i = 0; i < array_len(known); i++)
		if (strcmp(value, known[i]) == 0)
			return 0;
	err_msg(e, "no such status");
	return err_hint(e, "a container is created, running, paused or exited");
}

static int check_name(const char *value, struct err *e)
{
	char why[120];
	regex_t re;
	int rc = regcomp(&re, value, REG_EXTENDED | REG_NOSUB);

	if (rc == 0) {
		regfree(&re);
		return 0;
	}
	regerror(rc, &re, why, sizeof(why));
	return err_msg(e, "not an extended regular expression: %s", why);
}

int ps_filter_check(const char *filter, struct err *e)
{
	const char *value;

	for (size_t i = 0; i < array_len(keys); i++) {
		value = ps_filter_value(filter, keys[i].key);
		if (!value)
			continue;
		if (keys[i].matches == status_matches)
			return check_status(value, e);
		return keys[i].matches == name_matches ? check_name(value, e) : 0;
	}
	err_msg(e, "no such filter");
	return err_hint(e, "filters are: ancestor=IMAGE, id=DIGITS, label=KEY[=VALUE], "
			   "name=EXPRESSION, status=created|running|exited");
}

bool ps_filter_passes(const struct strv *filters, const struct strv *ancestors,
		      const struct container *c)
{
	for (size_t k = 0; k < array_len(keys); k++) {
		size_t asked = 0, fit = 0, ancestor = 0;

		for (size_t i = 0; i < filters->n; i++) {
			const char *value = ps_filter_value(filters->v[i], keys[k].key), *id = "";

			if (!value)
				continue;
			if (keys[k].matches == ancestor_matches && ancestor < ancestors->n)
				id = ancestors->v[ancestor++];
			asked++;
			fit += keys[k].matches(c, value) ||
			       (*id && c->record.image_id && strcmp(c->record.image_id, id) == 0);
		}
		if (asked && (keys[k].all ? fit < asked : fit == 0))
			return false;
	}
	return true;
}
