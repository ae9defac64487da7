/* SPDX-License-Identifier: Apache-2.0 */
/* Prints a plan and the stages that would carry it out; in rlc, for `rlc run --dry-run`. */
#include "cmd/launch/plan_print.h"

#include "cmd/launch/live.h"
#include "lib/base/auto.h"
#include "lib/launch/stage.h"

/* In the order they run; what this plan has no need of is left out. */
static void print_stages(const char *process, const struct stage *s, const struct live *l)
{
	printf("  %-8s", process);
	for (; s->name; s++)
		if (!s->wanted || s->wanted(l))
			printf(" %s", s->name);
	putchar('\n');
}

void plan_print(const struct plan *p)
{
	auto_free char *text = plan_to_text(p);
	const struct live l = {.plan = p};

	fputs(text, stdout);
	puts("\nstages of each process");
	print_stages("host", host_stages, &l);
	print_stages("set-up", setup_stages, &l);
}
