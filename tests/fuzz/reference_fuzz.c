/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reference_parse: what it takes comes out of reference_full as a name that it takes again. And
 * what aliases and searched registries make of it.
 */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/reference.h"
#include "storage/short_name.h"
#include "tests/fuzz/fuzz.h"

/* Where it may come from: one that is a name, and each of those is one in full. */
static void check_candidates(const char *text, bool is_name)
{
	auto_strv struct strv aliases = {0}, search = {0}, got = {0};
	struct err e = {0};

	if (short_name_check_alias(text, &e) == 0)
		strv_add(&aliases, text);
	if (short_name_check_host(text, &e) == 0)
		strv_add(&search, text);
	strv_add(&aliases, "fedora=registry.fedoraproject.org/fedora");
	strv_add(&search, "r.example:5000");
	strv_add(&search, "docker.io");
	if (short_name_candidates(text, &aliases, &search, &got, &e) == 0 && got.n == 0)
		abort();
	if (!is_name && got.n == 3)
		abort();
	for (size_t i = 0; i < got.n; i++) {
		struct reference r = {0};
		auto_free char *full = NULL;

		if (reference_parse(got.v[i], &r, &e) < 0)
			abort();
		full = reference_full(&r);
		if (strcmp(full, got.v[i]) != 0)
			abort();
		reference_free(&r);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	struct reference r = {0}, again = {0};
	auto_free char *full = NULL, *full_again = NULL;
	struct err e = {0};
	int rc;

	rc = reference_parse(text, &r, &e);
	check_candidates(text, rc == 0);
	if (rc < 0) {
		if (!e.what[0] || r.domain || r.path)
			abort();
		return 0;
	}
	full = reference_full(&r);
	if (reference_parse(full, &again, &e) < 0)
		abort();
	full_again = reference_full(&again);
	if (strcmp(full, full_again) != 0 || strstr(r.path, ".."))
		abort();
	reference_free(&r);
	reference_free(&again);
	return 0;
}
