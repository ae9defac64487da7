/* SPDX-License-Identifier: Apache-2.0 */
/* What the forwarder of ports may spend its descriptors on. */
#include "net/forward_room.h"

#include "lib/base/err.h"
#include "net/forward_cage.h"
#include "net/forward_udp.h"
#include "tests/unit/tap.h"

#include <string.h>

static size_t spent(const struct forward_room *r)
{
	return 2 * r->connections + r->flows + 2 * r->pipes;
}

/* Any limit either serves somebody, within itself, or is refused. */
static void test_every_limit(void)
{
	struct forward_room r;
	struct err e;
	bool within = true, serves = true;
	uint64_t first = 0;

	for (uint64_t limit = 0; limit < FORWARD_DESCRIPTORS + 50; limit++) {
		if (forward_room(limit, 3, 1, &r, &e) < 0)
			continue;
		first = first ? first : limit;
		within &= spent(&r) + 3 < limit;
		serves &= r.connections >= 8 && r.flows >= 4;
	}
	ok(first > 3 && first < 100, "%d descriptors are enough", (int)first);
	ok(within, "never more than there are");
	ok(serves, "each kind has its share");
}

int main(void)
{
	struct forward_room r;
	struct err e = {0};

	test_every_limit();
	ok(forward_room(UINT64_MAX, 500, 250, &r, &e) == 0 && r.flows == FLOWS_MAX &&
	       r.connections > 9000 && spent(&r) + 500 < FORWARD_DESCRIPTORS,
	   "without a limit it is the cage's");
	ok(forward_room(1024, 2, 2, &r, &e) == 0 && r.flows > 800, "UDP alone has nearly all");
	ok(forward_room(1024, 2, 0, &r, &e) == 0 && r.flows == 0 && r.connections > 400,
	   "and so has TCP");
	ok(forward_room(64, 40, 0, &r, &e) < 0 &&
	       strcmp(e.what, "40 published ports need 88 descriptors, and the limit is 64") == 0 &&
	       strstr(e.hint, "ulimit -Hn"),
	   "too few: %s", e.what);
	return tap_end();
}
