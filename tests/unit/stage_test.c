/* SPDX-License-Identifier: Apache-2.0 */
/* Stages run in order; a failure undoes what ran, backwards, and nothing else. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/launch/stage.h"
#include "tests/unit/tap.h"

struct live {
	struct str log;
	bool with_c;
	char fails; /* the stage that does */
};

static int step(struct live *l, char name, struct err *e)
{
	str_addn(&l->log, &name, 1);
	if (l->fails != name)
		return 0;
	errno = ENOSPC;
	return err_sys(e, "stage %c", name);
}

static void back(struct live *l, char name)
{
	str_addf(&l->log, "-%c", name);
	errno = EBADF;
}

#define STEP(name, letter)                                                                         \
	static int run_##name(struct live *l, struct err *e)                                       \
	{                                                                                          \
		return step(l, letter, e);                                                         \
	}                                                                                          \
	static void undo_##name(struct live *l)                                                    \
	{                                                                                          \
		back(l, letter);                                                                   \
	}

STEP(a, 'a')
STEP(c, 'c')
STEP(d, 'd')

static int run_b(struct live *l, struct err *e)
{
	return step(l, 'b', e);
}

static bool wants_c(const struct live *l)
{
	return l->with_c;
}

static const struct stage stages[] = {
    {"a", NULL, run_a, undo_a},
    {"b", NULL, run_b, NULL},
    {"c", wants_c, run_c, undo_c},
    {"d", NULL, run_d, undo_d},
    {0},
};

static const struct {
	bool with_c;
	char fails;
	const char *log;
} runs[] = {
    {true, 0, "abcd"},	  {false, 0, "abd"},   {true, 'd', "abcd-c-a"}, {false, 'd', "abd-a"},
    {true, 'c', "abc-a"}, {true, 'b', "ab-a"}, {true, 'a', "a"},
};

int main(void)
{
	static const struct stage none[] = {{0}};
	struct live empty = {0};
	struct err e = {0};

	for (size_t i = 0; i < array_len(runs); i++) {
		struct live l = {.with_c = runs[i].with_c, .fails = runs[i].fails};
		int rc;

		errno = 0;
		e = (struct err){0};
		rc = stages_run(stages, &l, &e);
		ok(strcmp(str_get(&l.log), runs[i].log) == 0 && rc == (runs[i].fails ? -1 : 0),
		   "%s: %s", runs[i].log, str_get(&l.log));
		if (runs[i].fails)
			ok(e.sys == ENOSPC && errno == ENOSPC && e.what[6] == runs[i].fails,
			   "the stage's own error and errno: %s", e.what);
		str_free(&l.log);
	}
	ok(stages_run(none, &empty, &e) == 0, "no stages: nothing to fail");
	return tap_end();
}
