/* SPDX-License-Identifier: Apache-2.0 */
/* The stages that would carry a plan out, and all of it on stdout; in rlc, for --dry-run. */
#include "cmd/launch/plan_print.h"

#include "cmd/launch/live.h"
#include "lib/base/auto.h"
#include "lib/base/str.h"
#include "lib/launch/stage.h"

/* In the order they run; what this plan has no need of is left out. */
static void add_stages(struct str *t, const char *process, const struct stage *s,
		       const struct live *l)
{
	str_addf(t, "  %-14s", process);
	for (; s->name; s++)
		if (!s->wanted || s->wanted(l))
			str_addf(t, " %s", s->name);
	str_add(t, "\n");
}

static bool has_terminal(const struct plan *p)
{
	return p->terminal;
}

static bool has_reaper(const struct plan *p)
{
	return p->init;
}

/* init_stages (init.c) belongs to another program; a test holds the two together. */
static const struct {
	const char *name;
	bool (*wanted)(const struct plan *p);
} init_names[] = {
    {"enter", NULL},	    {"order", NULL},
    {"receive-root", NULL}, {"receive-terminal", has_terminal},
    {"proc", NULL},	    {"session", NULL},
    {"limits", NULL},	    {"ids", NULL},
    {"workdir", NULL},	    {"confine", NULL},
    {"root", NULL},	    {"reaper", has_reaper},
    {"exec", NULL},
};

char *plan_stages_to_text(const struct plan *p)
{
	const struct live l = {.plan = p};
	struct str t = {0};

	str_add(&t, "stages of each process\n");
	add_stages(&t, "host", host_stages, &l);
	add_stages(&t, "set-up", setup_stages, &l);
	str_addf(&t, "  %-14s", "init");
	for (size_t i = 0; i < array_len(init_names); i++)
		if (!init_names[i].wanted || init_names[i].wanted(p))
			str_addf(&t, " %s", init_names[i].name);
	str_add(&t, "\n");
	return str_take(&t);
}

void plan_print(const struct plan *p)
{
	auto_free char *text = plan_to_text(p), *stages = plan_stages_to_text(p);

	printf("%s\n%s", text, stages);
}
