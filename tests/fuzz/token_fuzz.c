/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of token servers, and what registries say of errors. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/token.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_str struct str said = {0};
	struct token t = {0};
	struct err e = {0};

	if (token_parse((const char *)data, size, &t, &e) < 0) {
		if (!e.what[0] || t.text)
			abort();
	} else if (!*t.text || strpbrk(t.text, "\r\n \t") || t.life < TOKEN_LIFE) {
		abort();
	}
	token_free(&t);
	registry_error_text((const char *)data, size, &said);
	if (said.len > 200 || strchr(str_get(&said), '\033') || strchr(str_get(&said), '\n'))
		abort();
	return 0;
}
