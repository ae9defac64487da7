/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames one after another (two bytes of length before each) through the table of fragments: what
 * comes out is a whole frame within its bounds, from and to what each of its pieces named.
 */
#include "net/fragments.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "net/checksum.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check(const struct frame *last, const uint8_t addresses[8], const struct frame *f)
{
	if (f->fragment || f->type != 0x0800 || f->protocol != last->protocol ||
	    f->size > FRAME_ETHERNET + UINT16_MAX || f->transport > f->payload ||
	    f->payload > f->size)
		abort();
	if (memcmp(f->source, addresses, 4) != 0 || memcmp(f->target, addresses + 4, 4) != 0)
		abort();
	if (checksum_end(checksum_add(0, f->bytes + FRAME_ETHERNET, FRAME_IPV4)) != 0)
		abort();
	(void)checksum_end(
	    checksum_add(checksum_pseudo(f), f->bytes + f->transport, f->size - f->transport));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free struct fragments *table = xcalloc(1, sizeof(*table));
	int64_t now = 0;

	while (size >= 2) {
		size_t n = (size_t)data[0] << 8 | data[1];
		auto_free uint8_t *bytes = NULL;
		struct frame f, whole;
		uint8_t addresses[8];

		data += 2;
		size -= 2;
		n = n < size ? n : size;
		bytes = xcalloc(1, n + 1);
		memcpy(bytes, data, n);
		data += n;
		size -= n;
		if (!frame_parse(bytes, n, &f) || !f.fragment)
			continue;
		memcpy(addresses, f.source, sizeof(addresses));
		if (fragments_add(table, &f, now++, &whole))
			check(&f, addresses, &whole);
	}
	return 0;
}
