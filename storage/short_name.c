/* SPDX-License-Identifier: Apache-2.0 */
/* Short names by the user's settings; pure, in rlc. */
#include "storage/short_name.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/reference.h"

/* Bytes of a name before its tag or digest. */
static size_t name_len(const char *text)
{
	size_t n = strcspn(text, "@");
	const char *slash = memrchr(text, '/', n);
	const char *colon =
	    memchr(slash ? slash : text, ':', n - (slash ? (size_t)(slash - text) : 0));

	return colon ? (size_t)(colon - text) : n;
}

/* What an alias makes of the name, or NULL. The last alias counts: later settings win. */
static const char *find_alias(const struct strv *aliases, const char *typed, size_t n)
{
	for (size_t i = aliases->n; i-- > 0;)
		if (strncmp(aliases->v[i], typed, n) == 0 && aliases->v[i][n] == '=')
			return aliases->v[i] + n + 1;
	return NULL;
}

/* Adds the full form of a name, unless it is there. */
static int add(struct strv *ret, const char *name, struct err *e)
{
	auto_free char *full = NULL;
	struct reference r = {0};

	if (reference_parse(name, &r, e) < 0)
		return -1;
	full = reference_full(&r);
	reference_free(&r);
	if (!strv_has(ret, full))
		strv_add(ret, full);
	return 0;
}

int short_name_candidates(const char *typed, const struct strv *aliases, const struct strv *search,
			  struct strv *ret, struct err *e)
{
	const size_t n = name_len(typed);
	const char *alias = find_alias(aliases, typed, n);

	if (reference_is_short(typed) && alias) {
		auto_free char *name = xasprintf("%s%s", alias, typed + n);

		return add(ret, name, e);
	}
	if (!reference_is_short(typed) || search->n == 0)
		return add(ret, typed, e);
	for (size_t i = 0; i < search->n; i++) {
		auto_free char *name = xasprintf("%s/%s", search->v[i], typed);

		if (add(ret, name, e) < 0)
			return -1;
	}
	return 0;
}

void short_name_here(const char *typed, const struct strv *aliases, const struct strv *search,
		     struct strv *ret)
{
	struct reference local = {0};
	struct err no_name;

	if (reference_is_short(typed) && reference_parse_local(typed, &local, &no_name) == 0)
		strv_take(ret, reference_full(&local));
	reference_free(&local);
	(void)short_name_candidates(typed, aliases, search, ret, &no_name);
	(void)add(ret, typed, &no_name);
}

static bool is_bare(const char *text)
{
	return *text && name_len(text) == strlen(text);
}

int short_name_check_alias(const char *text, struct err *e)
{
	auto_free char *name = xstrndup(text, strcspn(text, "="));
	const char *target = text + strlen(name);
	struct reference r = {0};
	struct err why;
	bool good;

	good = *target == '=' && is_bare(name) && is_bare(target + 1) && reference_is_short(name) &&
	       !reference_is_short(target + 1) && reference_parse(name, &r, &why) == 0;
	reference_free(&r);
	good = good && reference_parse(target + 1, &r, &why) == 0;
	reference_free(&r);
	if (good)
		return 0;
	err_msg(e, "not an alias");
	return err_hint(e, "write a short name and where it leads: "
			   "fedora=registry.fedoraproject.org/fedora");
}

int short_name_check_host(const char *text, struct err *e)
{
	auto_free char *name = xasprintf("%s/a", text);
	struct reference r = {0};
	struct err why;
	bool good =
	    !strchr(text, '/') && !reference_is_short(name) && reference_parse(name, &r, &why) == 0;

	reference_free(&r);
	if (good)
		return 0;
	err_msg(e, "not a registry");
	return err_hint(e, "write HOST or HOST:PORT, such as registry.example:5000");
}
