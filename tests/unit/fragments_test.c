/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams in fragments: whole ones come out as they went in, and nothing else comes out. */
#include "net/fragments.h"

#include "lib/base/auto.h"
#include "net/filter.h"
#include "tests/unit/frame_build.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

#define GUEST "10.0.2.100"
#define THERE "192.0.2.1"

enum { HEAD = FRAME_ETHERNET + FRAME_IPV4, STEP = 1480 };

static struct fragments *table;
static uint8_t whole[FRAME_ETHERNET + UINT16_MAX];

/* A UDP datagram of n bytes of transport, header and all; returns the frame's size. */
static size_t make(const char *to, size_t n, uint16_t id)
{
	static uint8_t udp[UINT16_MAX];

	for (size_t i = 0; i < n; i++)
		udp[i] = (uint8_t)(i * 7 + i / 251);
	put16(udp, 4000);
	put16(udp + 2, 80);
	put16(udp + 4, n);
	put16(udp + 6, 0);
	(void)frame_build(whole, GUEST, to, IPPROTO_UDP, udp, n);
	put16(whole + 18, id);
	return HEAD + n;
}

/* The piece of `whole` from byte `at` of its transport, n bytes of it. */
static bool give(size_t at, size_t n, bool more, int64_t now, struct frame *ret)
{
	static uint8_t piece[FRAME_ETHERNET + UINT16_MAX];
	struct frame f;

	memcpy(piece, whole, HEAD);
	memcpy(piece + HEAD, whole + HEAD + at, n);
	put16(piece + 16, FRAME_IPV4 + n);
	put16(piece + 20, (more ? 0x2000u : 0) | at / 8);
	return frame_parse(piece, HEAD + n, &f) && f.fragment && fragments_add(table, &f, now, ret);
}

static bool give_all(size_t n, struct frame *ret)
{
	for (size_t at = 0; at < n; at += STEP) {
		bool more = n - at > STEP;

		if (give(at, more ? STEP : n - at, more, 0, ret) == more)
			return false;
	}
	return true;
}

static void begin(void)
{
	free(table);
	table = calloc(1, sizeof(*table));
}

static void test_whole(void)
{
	static const size_t sizes[] = {1481, 2960, 2961, 8200, 65507, 65515};
	struct frame f;

	begin();
	for (size_t i = 0; i < array_len(sizes); i++) {
		size_t n = make(THERE, sizes[i], (uint16_t)i);

		ok(give_all(sizes[i], &f) && !f.fragment && f.size == n && f.source_port == 4000 &&
		       f.target_port == 80 && memcmp(f.bytes + HEAD, whole + HEAD, sizes[i]) == 0 &&
		       checksum_end(checksum_add(0, f.bytes + FRAME_ETHERNET, FRAME_IPV4)) == 0,
		   "%zu bytes come out as they went in", sizes[i]);
	}
	(void)make(THERE, 3000, 1);
	ok(!give(1480, 1480, true, 0, &f) && !give(2960, 40, false, 0, &f),
	   "and nothing of them is left");
}

static void test_mixed(void)
{
	struct frame f;

	begin();
	make(THERE, 2000, 1);
	(void)give(0, STEP, true, 0, &f);
	make(THERE, 2000, 2);
	(void)give(0, STEP, true, 0, &f);
	make("192.0.2.2", 2000, 1);
	(void)give(0, STEP, true, 0, &f);
	make(THERE, 2000, 1);
	ok(give(STEP, 520, false, 0, &f) && f.size == HEAD + 2000, "two at a time");
	make("192.0.2.3", 2000, 1);
	ok(!give(STEP, 520, false, 0, &f), "another target is another datagram");
	make("192.0.2.2", 2000, 1);
	whole[FRAME_ETHERNET + 9] = IPPROTO_ICMP;
	ok(!give(STEP, 520, false, 0, &f), "and so is another protocol");
	make("192.0.2.2", 2000, 1);
	ok(give(STEP, 520, false, 0, &f) && memcmp(f.target, whole + 30, 4) == 0,
	   "each goes where its pieces say");
}

/* Each leaves nothing that its proper end would complete. */
static void test_refused(void)
{
	struct frame f;

	begin();
	make(THERE, 4000, 1);
	(void)give(0, STEP, true, 0, &f);
	ok(!give(1488, 8, true, 0, &f) && !give(STEP, 2520, false, 0, &f), "a gap");
	(void)give(0, STEP, true, 0, &f);
	ok(!give(1472, 8, true, 0, &f) && !give(STEP, 2520, false, 0, &f), "an overlap");
	(void)give(0, STEP, true, 0, &f);
	ok(!give(STEP, 7, true, 0, &f) && !give(STEP, 2520, false, 0, &f),
	   "a piece in the middle of an odd size");
	ok(!give(0, 1001, true, 0, &f) && !give(1000, 3000, false, 0, &f), "and so the first");
	ok(!give(STEP, 2520, false, 0, &f), "an end without a beginning");
	(void)give(0, STEP, true, 0, &f);
	(void)give(0, 800, true, 0, &f);
	ok(!give(STEP, 2520, false, 0, &f), "a second beginning puts the first away");
	(void)give(0, STEP, true, 0, &f);
	ok(!give(STEP, 2520, false, FRAGMENTS_LIFE_MS + 1, &f) && !give(STEP, 2520, false, 0, &f),
	   "an end that comes too late");
	put16(whole + HEAD + 4, 5000);
	(void)give(0, STEP, true, 0, &f);
	ok(!give(STEP, 2520, false, 0, &f), "a whole that is no UDP");
}

static void test_bound(void)
{
	struct frame f;

	begin();
	for (uint16_t id = 0; id <= FRAGMENTS_TABLE; id++) {
		make(THERE, 2000, id);
		/* The oldest is not the first in the table. */
		(void)give(0, STEP, true, id == 0 ? 40 : id, &f);
	}
	make(THERE, 2000, 1);
	ok(!give(STEP, 520, false, 50, &f), "when the table is full the oldest gives way");
	make(THERE, 2000, 0);
	ok(give(STEP, 520, false, 50, &f), "and no other");
	make(THERE, 2000, FRAGMENTS_TABLE);
	ok(give(STEP, 520, false, 50, &f), "the newest is there");
}

/* A disguise would be one that the whole sheds: it is judged as a whole, by the same addresses. */
static void test_judged(void)
{
	struct filter_rules r = {.ping = true};
	struct frame f;
	uint8_t echo[2000] = {13};

	net_config_init(&r.net);
	begin();
	make("127.0.0.1", 2000, 1);
	ok(give_all(2000, &f) && filter_judge(&r, &f) == FILTER_DROP, "to the host's loopback");
	make("10.0.2.3", 2000, 1);
	whole[HEAD + 3] = 53;
	ok(give_all(2000, &f) && filter_judge(&r, &f) == FILTER_DNS, "a large question");
	make(THERE, 2000, 1);
	ok(give_all(2000, &f) && filter_judge(&r, &f) == FILTER_PASS, "anywhere");
	(void)frame_build(whole, GUEST, THERE, IPPROTO_ICMP, echo, sizeof(echo));
	ok(give_all(2000, &f) && filter_judge(&r, &f) == FILTER_DROP,
	   "ICMP that is no echo request");
}

int main(void)
{
	test_whole();
	test_mixed();
	test_refused();
	test_bound();
	test_judged();
	free(table);
	return tap_end();
}
