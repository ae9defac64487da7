/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as text for people: `rlc run --dry-run`, and what the golden tests compare. */
#pragma once

struct plan;

/*
 * Every decision of the plan, in sections of aligned lines; the same plan gives the same text.
 * What came from outside (names, arguments, paths) has its control bytes made visible. Owned by
 * the caller.
 */
char *plan_to_text(const struct plan *p);
/* A line for each process of the launch: the names of the stages this plan needs, in order. */
char *plan_stages_to_text(const struct plan *p);
