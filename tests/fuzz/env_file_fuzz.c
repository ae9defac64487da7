/* SPDX-License-Identifier: Apache-2.0 */
/* run_env_file_parse: whatever it takes is a list of assignments, each name once. */
#include "cmd/run_options.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *environment[] = {(char[]){"HOME=/home/kim"}, (char[]){"LC_ALL=C"}, (char[]){"odd"},
			       NULL};
	auto_strv struct strv env = {0};
	struct err e = {0};

	if (run_env_file_parse(&env, (const char *)data, size, "f", environment, &e) < 0) {
		if (strncmp(e.what, "f:", 2) != 0)
			abort();
		return 0;
	}
	for (size_t i = 0; i < env.n; i++) {
		size_t n = strcspn(env.v[i], "=") + 1;

		if (n == 1 || !env.v[i][n - 1])
			abort();
		/* Quadratic, and libFuzzer's inputs are small. */
		for (size_t k = 0; k < i; k++)
			if (strncmp(env.v[i], env.v[k], n) == 0)
				abort();
	}
	return 0;
}
