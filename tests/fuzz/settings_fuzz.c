/* SPDX-License-Identifier: Apache-2.0 */
/* settings_parse, and every value that came out of it through its option's setter. */
#include "cmd/command.h"
#include "cmd/run_options.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run_request r = {.cwd = "/here"};
	char *argv[] = {(char[]){"run"}, (char[]){"x"}, NULL};
	struct global_options global = {0};
	struct settings s = {0};
	struct err e = {0};

	spec_init(&r.spec);
	if (settings_parse(&s, (const char *)data, size, "f", &e) < 0) {
		/* A refusal names the place. */
		if (strncmp(e.what, "f:", 2) != 0)
			abort();
	} else {
		/* env-file is no key: nothing here opens a file. */
		(void)settings_apply(&s, true, &global_options, &global, &e);
		(void)run_request_parse(&r, &s, 2, argv, &e);
	}
	run_request_free(&r);
	settings_free(&s);
	free(global.root);
	free(global.runroot);
	free(global.log_level);
	return 0;
}
