/* SPDX-License-Identifier: Apache-2.0 */
/* Which ended connections libslirp is told to forget, and when. */
#include "lib/base/auto.h"
#include "net/time_wait.h"
#include "tests/unit/frame_build.h"
#include "tests/unit/tap.h"

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10, INSIDE = 40000, OUTSIDE = 80 };

static const char *const pairs[][2] = {{"10.0.2.100", "192.0.2.1"}, {"fd00::100", "2001:db8::1"}};

struct step {
	bool inward;
	uint8_t flags;
	uint32_t sequence, acknowledged;
	uint16_t data;
	bool over; /* afterwards */
};

static void put_number(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static void pass_from(struct time_wait *t, const char *const pair[2], uint16_t inside,
		      const struct step *s)
{
	uint8_t bytes[FRAME_ROOM];
	struct frame f;
	size_t n =
	    s->inward
		? tcp_build(bytes, pair[1], pair[0], OUTSIDE, inside, s->flags, "", 0, s->data)
		: tcp_build(bytes, pair[0], pair[1], inside, OUTSIDE, s->flags, "", 0, s->data);

	if (!frame_parse(bytes, n, &f))
		abort();
	put_number(bytes + f.transport + 4, s->sequence);
	put_number(bytes + f.transport + 8, s->acknowledged);
	if (s->inward)
		time_wait_inward(t, &f);
	else
		time_wait_outward(t, &f);
}

static void check_reset(struct time_wait *t, size_t family)
{
	uint8_t bytes[TIME_WAIT_RESET];
	size_t n = time_wait_reset(t, bytes);
	uint8_t wanted[8];
	struct frame f;

	ok(frame_parse(bytes, n, &f) && f.size == n && f.source_port == INSIDE &&
	       f.target_port == OUTSIDE && (bytes[f.transport + 13] & RST),
	   "a reset of the container's, family %zu", family);
	put_number(wanted, 501);
	put_number(wanted + 4, 1011);
	ok(memcmp(bytes + f.transport + 4, wanted, 8) == 0, "at the place libslirp awaits");
	ok(checksum_is_right(&f), "with a right checksum");
	if (!frame_is_ipv6(&f))
		ok(checksum_end(checksum_add(0, bytes + FRAME_ETHERNET, FRAME_IPV4)) == 0,
		   "and a right one of its header");
	ok(time_wait_reset(t, bytes) == 0, "once");
}

/* libslirp's FIN is 1010, the container's 500. */
static const struct step first[] = {
    {true, FIN | ACK, 1000, 500, 10, false},
    {false, ACK, 500, 1011, 0, false},
    {false, FIN | ACK, 500, 1011, 0, false},
    {true, ACK, 1011, 501, 0, true},
};
static const struct step crossed[] = {
    {true, FIN | ACK, 1010, 490, 0, false},
    {false, FIN | ACK, 490, 1010, 10, false},
    {true, ACK, 1011, 501, 0, false},
    {false, ACK, 501, 1011, 0, true},
};
/* The container's was first: it is the one that waits. */
static const struct step second[] = {
    {false, FIN | ACK, 500, 1010, 0, false},
    {true, FIN | ACK, 1010, 501, 0, false},
    {false, ACK, 501, 1011, 0, false},
};
/* What came before its FIN is lost as yet: libslirp acknowledges less. */
static const struct step gap[] = {
    {true, FIN | ACK, 1010, 490, 0, false},
    {false, FIN | ACK, 500, 1011, 0, false},
    {true, ACK, 1011, 490, 0, false},
    {true, ACK, 1011, 501, 0, true},
};
static const struct step unheard[] = {
    {true, FIN | ACK, 1010, 500, 0, false},
    {false, FIN | ACK, 500, 1010, 0, false},
    {true, ACK, 1011, 501, 0, false},
    {false, ACK, 501, 1011, 0, true},
};
static const struct step anew[] = {
    {true, FIN | ACK, 1010, 500, 0, false}, {false, SYN, 7000, 0, 0, false},
    {false, ACK, 500, 1011, 0, false},	    {false, FIN | ACK, 500, 1011, 0, false},
    {true, ACK, 1011, 501, 0, false},
};
static const struct step broken[] = {
    {true, FIN | ACK, 1010, 500, 0, false},
    {true, RST, 1011, 500, 0, false},
    {false, FIN | ACK, 500, 1011, 0, false},
    {true, ACK, 1011, 501, 0, false},
};

static const struct {
	const char *what;
	const struct step *steps;
	size_t n;
} scenes[] = {
    {"libslirp's end first", first, array_len(first)},
    {"both at once", crossed, array_len(crossed)},
    {"the container's end first", second, array_len(second)},
    {"a gap before the container's end", gap, array_len(gap)},
    {"libslirp's end not heard yet", unheard, array_len(unheard)},
    {"the ports used anew", anew, array_len(anew)},
    {"a reset on the way", broken, array_len(broken)},
};

static void test_scenes(void)
{
	for (size_t family = 0; family < array_len(pairs); family++)
		for (size_t i = 0; i < array_len(scenes); i++) {
			struct time_wait t = {0};
			bool right = true;

			for (size_t k = 0; k < scenes[i].n; k++) {
				pass_from(&t, pairs[family], INSIDE, &scenes[i].steps[k]);
				right = right && (t.n_over == 1) == scenes[i].steps[k].over;
			}
			ok(right, "%s, family %zu", scenes[i].what, family);
			if (t.n_over)
				check_reset(&t, family);
		}
}

/* After the end has come, nothing of that connection is told libslirp twice or too late. */
static void test_after(void)
{
	static const struct step again = {false, FIN | ACK, 500, 1011, 0, true};
	static const struct step fresh = {false, SYN, 7000, 0, 0, false};
	uint8_t bytes[TIME_WAIT_RESET];
	struct time_wait t = {0};

	for (size_t k = 0; k < array_len(first); k++)
		pass_from(&t, pairs[0], INSIDE, &first[k]);
	pass_from(&t, pairs[0], INSIDE, &again);
	ok(t.n_over == 1, "a FIN sent again counts once");
	pass_from(&t, pairs[0], INSIDE, &fresh);
	ok(time_wait_reset(&t, bytes) == 0, "a connection of the same ports is spared");
}

/* More at once than there are places: the oldest are given up, the rest stay. */
static void test_full(void)
{
	uint8_t bytes[TIME_WAIT_RESET];
	struct time_wait t = {0};
	size_t n = 0;

	for (uint16_t port = 1; port <= 2 * TIME_WAIT_FLOWS; port++)
		pass_from(&t, pairs[0], port, &first[0]);
	for (size_t k = 1; k < array_len(first); k++)
		for (uint16_t port = 1; port <= 2 * TIME_WAIT_FLOWS; port++)
			pass_from(&t, pairs[0], port, &first[k]);
	while (time_wait_reset(&t, bytes) > 0)
		n++;
	ok(n > TIME_WAIT_FLOWS / 2 && n <= TIME_WAIT_FLOWS, "%zu of %d were followed", n,
	   2 * TIME_WAIT_FLOWS);
	ok(t.n_over == 0, "and none is left");
}

int main(void)
{
	test_scenes();
	test_after();
	test_full();
	return tap_end();
}
