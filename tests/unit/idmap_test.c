/* SPDX-License-Identifier: Apache-2.0 */
/* Looking ids up in a map, in both directions. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/kernel/idmap.h"
#include "tests/unit/tap.h"

static const struct id_map map = {
    .uid = {{0, 1000, 1}, {1, 100000, 65536}, {65537, 4294967000U, 200}},
    .gid = {{0, 1000, 1}, {1, 200000, 10}},
    .n_uid = 3,
    .n_gid = 2,
};

static const struct {
	uint32_t inside;
	int64_t uid, gid; /* outside */
} ids[] = {
    {0, 1000, 1000},	     {1, 100000, 200000}, {10, 100009, 200009},
    {11, 100010, -1},	     {65536, 165535, -1}, {65537, 4294967000, -1},
    {65736, 4294967199, -1}, {65737, -1, -1},	  {UINT32_MAX, -1, -1},
};

static void test_look_up(void)
{
	for (size_t i = 0; i < array_len(ids); i++)
		ok(idmap_uid_outside(&map, ids[i].inside) == ids[i].uid &&
		       idmap_gid_outside(&map, ids[i].inside) == ids[i].gid &&
		       (ids[i].uid < 0 ||
			idmap_uid_inside(&map, (uint32_t)ids[i].uid) == ids[i].inside),
		   "id %u is uid %lld and gid %lld outside", ids[i].inside, (long long)ids[i].uid,
		   (long long)ids[i].gid);
	ok(idmap_uid_inside(&map, 0) == -1 && idmap_uid_inside(&map, 1) == -1 &&
	       idmap_uid_inside(&map, 99999) == -1 && idmap_uid_inside(&map, 165536) == -1,
	   "the host's own ids are not inside");
	ok(idmap_uid_count(&map) == 1 + 65536 + 200, "how many there are");
}

/* Whatever this machine gives: 0 inside is the caller, and never the host's root. */
static void test_caller(void)
{
	struct id_map m;
	struct err e = {0};

	if (idmap_for_caller(&m, &e) < 0) {
		ok(false, "%s", e.what);
		return;
	}
	ok(m.n_uid >= 1 && m.n_gid >= 1 && m.uid[0].inside == 0 && m.gid[0].inside == 0,
	   "ids begin at 0");
	ok(idmap_uid_outside(&m, 0) == (geteuid() ? (int64_t)geteuid() : m.uid[0].outside) &&
	       idmap_uid_inside(&m, 0) == -1,
	   "0 is the caller outside, and nobody is the host's root");
	for (size_t i = 1; i < m.n_uid; i++)
		if (m.uid[i].inside != m.uid[i - 1].inside + m.uid[i - 1].count)
			ok(false, "a gap before range %zu", i);
	ok(m.single == (m.why_single[0] != '\0') && (!m.single || (m.n_uid == 1 && m.n_gid == 1)),
	   "a single id has its reason: %s", m.why_single);
}

int main(void)
{
	test_look_up();
	test_caller();
	return tap_end();
}
