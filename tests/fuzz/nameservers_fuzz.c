/* SPDX-License-Identifier: Apache-2.0 */
/* nameservers_parse: at least one server, at most the room there is, scopes ended. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "net/nameservers.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nameserver list[NAMESERVERS_MAX];
	auto_free char *text =
	    xcalloc(1, size + 1); /* exact room but for one: no terminator is read */
	size_t n;

	memcpy(text, data, size);
	n = nameservers_parse(text, size, list);
	if (n < 1 || n > NAMESERVERS_MAX)
		abort();
	for (size_t i = 0; i < n; i++)
		if (strnlen(list[i].scope, sizeof(list[i].scope)) == sizeof(list[i].scope))
			abort();
	return 0;
}
