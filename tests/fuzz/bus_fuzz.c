/* SPDX-License-Identifier: Apache-2.0 */
/* bus_message_parse with its body, and bus_address_parse. */
#include "lib/base/alloc.h"
#include "lib/systemd/bus.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void read_body(const struct bus_message *m)
{
	const char *text;
	size_t at = 0;
	uint32_t n;

	while (bus_read_text(m, &at, &text) || bus_read_u32(m, &at, &n))
		if (at > m->body_size)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct sockaddr_un address;
	struct bus_message m;
	socklen_t n = 0;
	long length = bus_message_parse(data, size, &m);

	if (length > (long)size)
		abort();
	if (length > 0) {
		(void)(strlen(m.path) + strlen(m.interface) + strlen(m.member) +
		       strlen(m.error_name) + strlen(m.sender) + strlen(m.signature));
		read_body(&m);
	}
	if (bus_address_parse(text, &address, &n) && n > sizeof(address))
		abort();
	free(text);
	return 0;
}
