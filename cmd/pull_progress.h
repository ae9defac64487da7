/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a pull is, on standard error: bars that are drawn over on a terminal, a line for what
 * happened elsewhere. In rlc.
 */
#pragma once
#include "storage/progress.h"

struct str;
struct pull_progress;

/* name: of the image. quiet: nothing is shown. Never NULL. */
struct pull_progress *pull_progress_begin(const char *name, bool quiet);
/* News of a layer; arg is a struct pull_progress. */
void pull_progress_take(const struct progress *p, void *arg);
/* Draws the last state and frees it. */
void pull_progress_end(struct pull_progress *v);

/*
 * Adds the line of one layer, at most `columns` wide and without line break (pure). speed: bytes a
 * second; color: the bar may be coloured.
 */
void pull_progress_line(const struct progress *p, uint64_t speed, int columns, bool color,
			struct str *to);
