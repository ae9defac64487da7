/* SPDX-License-Identifier: Apache-2.0 */
/* Prints errors. Runs in rlc; what it prints may hold names that others chose. */
#include "cmd/report.h"

#include "cmd/color.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

void report_error(const struct err *e)
{
	bool color = color_wanted(STDERR_FILENO);
	auto_strv struct strv hints = {0};
	auto_str struct str text = {0};

	str_add(&text, color ? "\033[1;31mrlc:\033[0m " : "rlc: ");
	/* Names of images, files and options come from others: no escape of theirs gets through. */
	str_add_visible(&text, e->what);
	if (e->sys)
		str_addf(&text, ": %s", strerror(e->sys));
	str_add(&text, "\n");
	strv_split(&hints, e->hint, "\n");
	for (size_t i = 0; i < hints.n; i++) {
		str_add(&text, color ? "  \033[1mfix:\033[0m " : "  fix: ");
		str_add_visible(&text, hints.v[i]);
		str_add(&text, "\n");
	}
	fputs(str_get(&text), stderr);
}

int report_each(int n, char **operands, int (*one)(void *to, const char *operand, struct err *e),
		void *to)
{
	int worst = 0;

	for (int i = 0; i < n; i++) {
		struct err e = {.exit = EXIT_LAUNCHER};

		if (one(to, operands[i], &e) == 0)
			continue;
		report_error(&e);
		if (e.exit > worst)
			worst = e.exit;
	}
	return worst;
}
