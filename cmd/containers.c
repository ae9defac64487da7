/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the containers a command is for; sets right what a killed monitor left. */
#include "cmd/containers.h"

#include "cmd/report.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/kernel/cgroup.h"
#include "lib/state/dirs.h"

#include <fcntl.h>

enum { CIDFILE_MAX = 4096 };

void containers_free(struct containers *c)
{
	for (size_t i = 0; i < c->n; i++)
		record_free(&c->v[i].record);
	free(c->v);
	*c = (struct containers){0};
}

static void add(const struct dirs *d, const char *id, struct containers *to, int *ret_status)
{
	struct container c;
	struct err e;

	if (record_load(d, id, &c.record, &c.state, &e) < 0) {
		/* 1: another command has removed it since the folder was listed. */
		if (e.exit != 1)
			containers_tell(&e, ret_status);
		return;
	}
	if (record_clean_lost(d, &c.record, &c.state)) {
		record_free(&c.record);
		return;
	}
	to->v = xreallocarray(to->v, to->n + 1, sizeof(*to->v));
	to->v[to->n++] = c;
}

int containers_load(const struct dirs *d, struct containers *ret, int *ret_status, struct err *e)
{
	auto_strv struct strv ids = {0};
	struct cgroup_place place;
	struct err ignored;

	if (record_list(d, &ids, e) < 0)
		return -1;
	for (size_t i = 0; i < ids.n; i++)
		add(d, ids.v[i], ret, ret_status);
	if (cgroup_find(&place, &ignored) == 0)
		cgroup_sweep(&place, "rlc-");
	return 0;
}

void selected_free(struct selected *s)
{
	strv_free(&s->ids);
	strv_free(&s->names);
}

void selection_free(struct selection *s)
{
	strv_free(&s->cidfiles);
}

static void select_once(struct selected *s, const char *id, const char *name)
{
	if (strv_has(&s->ids, id))
		return;
	strv_add(&s->ids, id);
	strv_add(&s->names, name);
}

static int add_all(const struct dirs *d, unsigned int wanted, struct selected *ret, struct err *e)
{
	auto_containers struct containers all = {0};
	auto_strv struct strv ids = {0};
	int unreadable = 0;

	if (wanted == ALL_STATES) {
		if (record_list(d, &ids, e) < 0)
			return -1;
		for (size_t i = 0; i < ids.n; i++)
			select_once(ret, ids.v[i], ids.v[i]);
		return 0;
	}
	if (containers_load(d, &all, &unreadable, e) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (wanted & 1u << record_status_now(&all.v[i].state))
			select_once(ret, all.v[i].record.id, all.v[i].record.id);
	return 0;
}

static int add_latest(const struct dirs *d, struct selected *ret, struct err *e)
{
	auto_strv struct strv ids = {0};

	if (record_list(d, &ids, e) < 0)
		return -1;
	if (ids.n == 0) {
		err_msg(e, "there is no container");
		return err_exit(e, 1);
	}
	select_once(ret, ids.v[ids.n - 1], ids.v[ids.n - 1]);
	return 0;
}

static int add_named(const struct dirs *d, const char *name, struct selected *ret, struct err *e)
{
	auto_free char *id = NULL;

	if (record_find(d, name, &id, e) < 0)
		return -1;
	select_once(ret, id, name);
	return 0;
}

static int add_cidfile(const struct dirs *d, const char *path, struct selected *ret, struct err *e)
{
	auto_free char *text = NULL;

	if (file_read(AT_FDCWD, path, CIDFILE_MAX, &text, NULL, e) < 0) {
		if (e->sys == ENOENT)
			err_exit(e, 1);
		err_ctx(e, "option --cidfile");
		return err_hint(e, "it takes a file that rlc run --cidfile wrote");
	}
	text[strcspn(text, "\r\n")] = '\0';
	if (add_named(d, text, ret, e) < 0)
		return err_ctx(e, "cidfile %s", path);
	return 0;
}

void containers_tell(const struct err *e, int *status)
{
	report_error(e);
	if (e->exit > *status)
		*status = e->exit;
}

/* Told, or passed over with --ignore. */
static void tell_missing(const struct selection *s, const struct err *e, int *status)
{
	if (!s->ignore || e->exit != 1)
		containers_tell(e, status);
}

int selection_find(const struct selection *s, const struct dirs *d, int n, char **operands,
		   unsigned int wanted, struct selected *ret, int *ret_status, struct err *e)
{
	bool named = n > 0 || s->cidfiles.n > 0;
	struct err one;

	if (named + s->all + s->latest > 1)
		return err_msg(e, "names, --all and --latest exclude each other");
	if (named + s->all + s->latest == 0) {
		err_msg(e, "no container is named");
		return err_hint(e, "name some, or take --all or --latest; see: rlc ps -a");
	}
	if (s->all)
		return add_all(d, wanted, ret, e);
	if (s->latest && add_latest(d, ret, &one) < 0)
		tell_missing(s, &one, ret_status);
	for (int i = 0; i < n; i++)
		if (add_named(d, operands[i], ret, &one) < 0)
			tell_missing(s, &one, ret_status);
	for (size_t i = 0; i < s->cidfiles.n; i++)
		if (add_cidfile(d, s->cidfiles.v[i], ret, &one) < 0)
			tell_missing(s, &one, ret_status);
	return 0;
}

int containers_each(const struct dirs *d,
		    int (*each)(const struct record *r, void *arg, struct err *e), void *arg,
		    struct err *e)
{
	auto_strv struct strv ids = {0};
	int rc = record_list(d, &ids, e);

	for (size_t i = 0; rc == 0 && i < ids.n; i++) {
		struct record_state state;
		struct record r = {0};
		struct err gone;

		if (record_load(d, ids.v[i], &r, &state, &gone) < 0)
			continue;
		if (r.image_id)
			rc = each(&r, arg, e);
		record_free(&r);
	}
	return rc < 0 ? -1 : 0;
}

static int add_image(const struct record *r, void *arg, struct err *e)
{
	(void)e;
	strv_add(arg, r->image_id);
	return 0;
}

int containers_images(const struct dirs *d, struct strv *ret, struct err *e)
{
	return containers_each(d, add_image, ret, e);
}
