/* SPDX-License-Identifier: Apache-2.0 */
/* net_config_parse: what it takes, it takes again from its own text, with the same meaning. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "net/config.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup(size ? (const char *)data : "", size);
	auto_str struct str again = {0};
	struct net_config c, d;
	struct err e = {0};

	net_config_init(&c);
	net_config_init(&d);
	if (net_config_parse(&c, text, &e) < 0) {
		if (!e.what[0] || !e.hint[0])
			abort();
		return 0;
	}
	net_config_to_text(&c, &again);
	if (net_config_parse(&d, str_get(&again), &e) < 0 || memcmp(&c, &d, sizeof(c)) != 0)
		abort();
	return 0;
}
