/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of network cards, as the kernel prints them and as nobody should. */
#include "lib/kernel/traffic.h"

#include "lib/base/auto.h"
#include "tests/unit/tap.h"

#define HEADS                                                                                      \
	"Inter-|   Receive                                                |  Transmit\n"           \
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs " \
	"drop fifo colls carrier compressed\n"
#define LO                                                                                         \
	"    lo:     900       9    0    0    0     0          0         0      900       9    0 " \
	"   0    0     0       0          0\n"

static const struct {
	const char *text;
	bool good;
	uint64_t received, sent;
} cases[] = {
    {HEADS, true, 0, 0},
    {HEADS LO, true, 0, 0},
    {HEADS LO "  tap0: 1234 2 3 4 5 6 7 8 5678 10 11 12 13 14 15 16\n", true, 1234, 5678},
    {HEADS "  tap0:1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n eth1:10 0 0 0 0 0 0 0 20 0 0 0 0 0 0 0", true,
     11, 22},
    {HEADS "lo0:1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n", true, 1, 2}, /* not the loopback */
    {HEADS "tap0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n", false, 0, 0},
    {HEADS "tap0: 1 2 3 4 5 6 7 8 -9 10 11 12 13 14 15 16\n", false, 0, 0},
    {HEADS "tap0: 18446744073709551616 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", false, 0, 0},
    {"a:18446744073709551615 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\nb:1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n",
     false, 0, 0},
    {"a:\n1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", false, 0, 0},
    {"", true, 0, 0},
};

int main(void)
{
	struct traffic t;

	for (size_t i = 0; i < array_len(cases); i++) {
		bool good;

		t = (struct traffic){4711, 4711};
		good = traffic_parse(cases[i].text, &t);
		ok(good == cases[i].good && t.received == (good ? cases[i].received : 4711) &&
		       t.sent == (good ? cases[i].sent : 4711),
		   "text %zu: %llu received, %llu sent", i, (unsigned long long)t.received,
		   (unsigned long long)t.sent);
	}
	ok(!traffic_of(getpid(), &t), "what is our own network is not the container's");
	return tap_end();
}
