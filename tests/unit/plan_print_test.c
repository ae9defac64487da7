/* SPDX-License-Identifier: Apache-2.0 */
/* The stages that --dry-run shows are those that would run: of init too, a program of its own. */
#include "cmd/launch/plan_print.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/launch/stage.h"
#include "tests/unit/plan_scene.h"
#include "tests/unit/tap.h"

extern const struct stage init_stages[]; /* init.c is linked into this test for it */

static char *stages_of(struct scene *c)
{
	struct plan p;
	struct err e = {0};
	char *text;

	if (scene_plan(c, &p, &e) < 0)
		return xstrdup(e.what);
	text = plan_stages_to_text(&p);
	plan_free(&p);
	return text;
}

/* A whole word of the line that begins with process. */
static bool has(const char *text, const char *process, const char *stage)
{
	auto_free char *begin = xasprintf("\n  %-14s", process), *line = NULL;
	auto_strv struct strv words = {0};
	const char *at = strstr(text, begin);

	if (!at)
		return false;
	at += strlen(begin);
	line = xstrndup(at, strcspn(at, "\n"));
	strv_split(&words, line, " ");
	return strv_has(&words, stage);
}

static void test_init(void)
{
	auto_str struct str wanted = {0};
	auto_free char *text = NULL;
	struct scene c;

	scene_begin(&c);
	c.spec.terminal = c.spec.init = true;
	text = stages_of(&c);
	str_addf(&wanted, "\n  %-14s", "init");
	for (const struct stage *s = init_stages; s->name; s++)
		str_addf(&wanted, " %s", s->name);
	str_add(&wanted, "\n");
	ok(strstr(text, wanted.s) != NULL, "init's stages, all of them, in order");
	scene_end(&c);
}

static void test_conditions(void)
{
	auto_free char *plain = NULL, *full = NULL, *detached = NULL;
	struct scene c;

	scene_begin(&c);
	c.spec.remove = true;
	plain = stages_of(&c);
	ok(!has(plain, "init", "reaper") && !has(plain, "init", "receive-terminal") &&
	       !has(plain, "set-up", "terminal") && !has(plain, "set-up", "read-only") &&
	       !has(plain, "host", "cidfile") && !has(plain, "host", "cgroup") &&
	       !has(plain, "host", "log"),
	   "what a plain run has no need of is left out");
	ok(has(plain, "host", "set-up") && has(plain, "set-up", "pivot") &&
	       has(plain, "set-up", "loopback") && has(plain, "init", "confine"),
	   "what every run needs is there");
	c.spec.terminal = c.spec.init = c.spec.read_only = true;
	c.spec.cidfile = xstrdup("/home/ann/cid");
	c.spec.network = NET_HOST;
	c.host.cgroup.delegated = true;
	full = stages_of(&c);
	ok(has(full, "init", "reaper") && has(full, "init", "receive-terminal") &&
	       has(full, "set-up", "terminal") && has(full, "set-up", "read-only") &&
	       has(full, "host", "cidfile") && has(full, "host", "cgroup") &&
	       !has(full, "set-up", "loopback"),
	   "with a terminal, --init, --read-only, --cidfile, a cgroup and the host's network");
	c.spec.detach = true;
	detached = stages_of(&c);
	ok(has(detached, "host", "log"), "in the background it is logged, even with --rm");
	scene_end(&c);
}

int main(void)
{
	test_init();
	test_conditions();
	return tap_end();
}
