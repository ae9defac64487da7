/* SPDX-License-Identifier: Apache-2.0 */
/* Which containers there are, and which one a name or the first digits of an id mean. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/state/claim.h"
#include "lib/state/dirs.h"
#include "lib/state/record.h"
#include "lib/state/record_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

struct found {
	struct timespec born;
	char id[RECORD_ID_LEN + 1];
};

static int by_birth(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->born.tv_sec != y->born.tv_sec)
		return x->born.tv_sec < y->born.tv_sec ? -1 : 1;
	if (x->born.tv_nsec != y->born.tv_nsec)
		return x->born.tv_nsec < y->born.tv_nsec ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* record.json is written once, so its time is the container's birth. */
static struct timespec birth_of(int containers, const char *id)
{
	auto_free char *path = xasprintf("%s/record.json", id);
	struct stat st;

	if (fstatat(containers, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return (struct timespec){0};
	return st.st_mtim;
}

static void notice_stranger(const struct dirs *d, const char *name)
{
	auto_str struct str shown = {0};

	str_add_visible(&shown, name);
	log_warn("skipped %s/containers/%s: not a container; remove it", d->data, str_get(&shown));
}

/* Calls `each` for every id in DATA/containers, in the folder's order. */
static int walk(const struct dirs *d, void (*each)(void *at, int containers, const char *id),
		void *at, struct err *e)
{
	auto_fd int containers = dirs_open_folder(d->data_fd, "containers", e);
	auto_dir DIR *list = NULL;
	struct dirent *entry;

	if (containers < 0)
		return -1;
	list = fdopendir(containers);
	if (!list)
		return err_sys(e, "list %s/containers", d->data);
	(void)take_fd(&containers); /* list owns it */
	while ((errno = 0, entry = readdir(list))) {
		if (record_id_is_valid(entry->d_name))
			each(at, dirfd(list), entry->d_name);
		else if (entry->d_name[0] != '.')
			notice_stranger(d, entry->d_name);
	}
	return errno ? err_sys(e, "list %s/containers", d->data) : 0;
}

struct found_list {
	struct found *v;
	size_t n, room;
};

static void add_found(void *at, int containers, const char *id)
{
	struct found_list *l = at;

	if (l->n == l->room) {
		l->room = l->room ? l->room * 2 : 16;
		l->v = xreallocarray(l->v, l->room, sizeof(*l->v));
	}
	l->v[l->n].born = birth_of(containers, id);
	memcpy(l->v[l->n++].id, id, RECORD_ID_LEN + 1);
}

int record_list(const struct dirs *d, struct strv *ret_ids, struct err *e)
{
	struct found_list l = {0};

	if (walk(d, add_found, &l, e) < 0) {
		free(l.v);
		return -1;
	}
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_birth);
	for (size_t i = 0; i < l.n; i++)
		strv_add(ret_ids, l.v[i].id);
	free(l.v);
	return 0;
}

struct prefix {
	const char *text;
	size_t n;
	char first[RECORD_ID_LEN + 1];
};

static void match_prefix(void *at, int containers, const char *id)
{
	struct prefix *p = at;

	(void)containers;
	if (!str_starts(id, p->text))
		return;
	if (p->n++ == 0)
		memcpy(p->first, id, RECORD_ID_LEN + 1);
}

static int find_prefix(const struct dirs *d, const char *text, char **ret_id, struct err *e)
{
	struct prefix p = {.text = text};

	if (walk(d, match_prefix, &p, e) < 0)
		return -1;
	if (p.n > 1) {
		err_msg(e, "%s begins the ids of %zu containers", text, p.n);
		return err_hint(e, "give more digits: rlc ps -a --no-trunc");
	}
	if (p.n == 1)
		*ret_id = xstrdup(p.first);
	return 0;
}

static bool is_there(const struct dirs *d, const char *id)
{
	auto_free char *path = xasprintf("containers/%s", id);

	return faccessat(d->data_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int record_find(const struct dirs *d, const char *name_or_id, char **ret_id, struct err *e)
{
	size_t digits = strspn(name_or_id, "0123456789abcdef");
	char holder[RECORD_ID_LEN + 1];
	auto_str struct str shown = {0};
	auto_free char *id = NULL;

	if (record_id_is_valid(name_or_id) && is_there(d, name_or_id))
		id = xstrdup(name_or_id);
	else if (record_check_name(name_or_id, e) == 0 &&
		 claim_holder(d, name_or_id, holder) == 0 && is_there(d, holder))
		id = xstrdup(holder);
	else if (digits && digits < RECORD_ID_LEN && name_or_id[digits] == '\0' &&
		 find_prefix(d, name_or_id, &id, e) < 0)
		return -1;
	if (!id) {
		str_add_visible(&shown, name_or_id);
		err_msg(e, "no container \"%.200s\"", str_get(&shown));
		err_hint(e, "run: rlc ps -a");
		return err_exit(e, 1);
	}
	*ret_id = take_ptr(id);
	return 0;
}
