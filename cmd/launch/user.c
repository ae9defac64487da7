/* SPDX-License-Identifier: Apache-2.0 */
/* Looks users up in texts that the image wrote; runs in set-up. */
#include "cmd/launch/user.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

enum { FIELDS_MAX = 7, GROUPS_MAX = 256 };

/* One line of passwd(5) or group(5), cut at its colons in a copy. */
struct entry {
	char *copy;
	char *field[FIELDS_MAX];
	size_t n;
	int64_t id; /* third field */
};

static void entry_free(struct entry *en)
{
	free(en->copy);
}

#define auto_entry __attribute__((cleanup(entry_free)))

/* Steps *text to the next line that has a name and a number. */
static bool next_entry(const char **text, struct entry *ret)
{
	while (**text) {
		size_t len = strcspn(*text, "\n");
		char *at;

		free(ret->copy);
		*ret = (struct entry){.copy = xstrndup(*text, len)};
		*text += len + ((*text)[len] == '\n');
		for (at = ret->copy; ret->n < FIELDS_MAX;) {
			ret->field[ret->n++] = at;
			at = strchr(at, ':');
			if (!at)
				break;
			*at++ = '\0';
		}
		if (ret->n >= 3 && ret->field[0][0] &&
		    str_to_i64(ret->field[2], 0, UINT32_MAX - 1, &ret->id))
			return true;
	}
	return false;
}

/* By name or, when it is a number, also by id; the first line wins, as in getpwnam(3). */
static bool find_entry(const char *text, const char *name, struct entry *ret)
{
	int64_t id;
	bool by_id = str_to_i64(name, 0, UINT32_MAX - 1, &id);

	while (next_entry(&text, ret))
		if (strcmp(ret->field[0], name) == 0 || (by_id && ret->id == id))
			return true;
	return false;
}

static void add_group(struct user *u, uint32_t gid)
{
	for (size_t i = 0; i < u->n_groups; i++)
		if (u->groups[i] == gid)
			return;
	if (u->n_groups == GROUPS_MAX)
		return;
	u->groups = xreallocarray(u->groups, u->n_groups + 1, sizeof(*u->groups));
	u->groups[u->n_groups++] = gid;
}

static void add_groups_of(struct user *u, const char *name, const char *group)
{
	auto_entry struct entry en = {0};

	while (next_entry(&group, &en)) {
		auto_strv struct strv members = {0};

		if (en.n > 3)
			strv_split(&members, en.field[3], ",");
		if (strv_has(&members, name))
			add_group(u, (uint32_t)en.id);
	}
}

static int group_id(const char *name, const char *group, const char *option, uint32_t *ret,
		    struct err *e)
{
	auto_entry struct entry en = {0};
	int64_t id;

	if (find_entry(group, name, &en)) {
		*ret = (uint32_t)en.id;
		return 0;
	}
	if (str_to_i64(name, 0, UINT32_MAX - 1, &id)) {
		*ret = (uint32_t)id;
		return 0;
	}
	err_msg(e, "%s: the image's /etc/group has no group \"%.64s\"", option, name);
	return err_hint(e, "give its number, or a name that is there");
}

static int find_user(const char *name, const char *passwd, struct user *u, char **ret_name,
		     struct err *e)
{
	auto_entry struct entry en = {0};
	int64_t id;

	if (find_entry(passwd, name, &en)) {
		int64_t gid = 0;

		u->uid = (uint32_t)en.id;
		if (en.n > 3 && str_to_i64(en.field[3], 0, UINT32_MAX - 1, &gid))
			u->gid = (uint32_t)gid;
		if (en.n > 5 && en.field[5][0] == '/')
			xstr_set(&u->home, en.field[5]);
		xstr_set(ret_name, en.field[0]);
		return 0;
	}
	if (str_to_i64(name, 0, UINT32_MAX - 1, &id)) {
		u->uid = (uint32_t)id;
		return 0;
	}
	err_msg(e, "the image's /etc/passwd has no user \"%.64s\"", name);
	return err_hint(e, "choose another with --user, by name or by number");
}

int user_resolve(const char *asked, const struct strv *add, const char *passwd, const char *group,
		 struct user *ret, struct err *e)
{
	const char *colon = strchr(asked, ':');
	auto_free char *who = colon ? xstrndup(asked, (size_t)(colon - asked)) : xstrdup(asked);
	auto_free char *name = NULL;
	struct user u = {.home = xstrdup("/")};
	uint32_t gid;

	if (!*who)
		xstr_set(&who, "0");
	if (find_user(who, passwd, &u, &name, e) < 0)
		goto fail;
	if (colon && colon[1]) {
		if (group_id(colon + 1, group, "--user", &u.gid, e) < 0)
			goto fail;
	} else if (name) {
		add_groups_of(&u, name, group);
	}
	for (size_t i = 0; i < add->n; i++) {
		if (group_id(add->v[i], group, "--group-add", &gid, e) < 0)
			goto fail;
		add_group(&u, gid);
	}
	*ret = u;
	return 0;
fail:
	user_free(&u);
	return -1;
}

void user_free(struct user *u)
{
	free(u->groups);
	free(u->home);
	*u = (struct user){0};
}
