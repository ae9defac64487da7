/* SPDX-License-Identifier: Apache-2.0 */
/* WWW-Authenticate, and the URL that is made of it. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/auth.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const char *s)
{
	if (!s)
		return;
	if (!*s || strlen(s) > CHALLENGE_TEXT_MAX)
		abort();
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct registry r = {.name = "registry.example", .repository = "team/app"};
	struct challenge c = {0};
	auto_free char *url = NULL;
	struct err e = {0};

	challenge_take(&c, (const char *)data, size);
	check_text(c.realm);
	check_text(c.service);
	check_text(c.scope);
	if (c.scheme == CHALLENGE_BEARER) {
		if (!c.realm)
			abort();
		if (auth_check_realm(&r, c.realm, &e) == 0) {
			url = auth_url(&r, &c);
			if (url && strncmp(url, "https://", 8) != 0)
				abort();
		}
	}
	challenge_free(&c);
	return 0;
}
