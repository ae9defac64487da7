/* SPDX-License-Identifier: Apache-2.0 */
/* Capability names and the sets that --cap-add and --cap-drop make. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/strv.h"
#include "lib/kernel/caps.h"
#include "tests/unit/tap.h"

#include <sys/capability.h>

static void test_names(void)
{
	auto_free char *name = caps_name(CAP_NET_RAW), *none = caps_name(CAP_LAST_CAP + 200);

	ok(strcmp(name, "CAP_NET_RAW") == 0 && (!none || none[0] != 'C'), "number to name");
	ok(caps_number("NET_RAW") == CAP_NET_RAW && caps_number("cap_net_raw") == CAP_NET_RAW &&
	       caps_number("Cap_Net_Raw") == CAP_NET_RAW,
	   "name to number, with and without CAP_, in any case");
	ok(caps_number("NET_RAWX") == -1 && caps_number("") == -1 && caps_number("CAP_") == -1,
	   "what is no name");
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		auto_free char *each = caps_name(i);

		if (!each || caps_number(each) != i)
			ok(false, "capability %d there and back", i);
	}
	ok(caps_all() == (UINT64_C(2) << CAP_LAST_CAP) - 1, "all of them");
	/* As measured of podman 4.3.1: CapEff of a container's root. */
	ok(caps_default == 0x800405fb, "podman's eleven");
}

enum { RAW = 13, CHOWN = 0, ADMIN = 21 };
#define BIT(n) (UINT64_C(1) << (n))

static const struct {
	const char *add, *drop;
	uint64_t wanted; /* with caps_default; 0: see all */
	const char *error;
} sets[] = {
    {"", "", 0x800405fb, NULL},
    {"NET_RAW", "", 0x800405fb | BIT(RAW), NULL},
    {"", "CHOWN", 0x800405fb & ~BIT(CHOWN), NULL},
    {"net_raw", "CAP_CHOWN", (0x800405fb | BIT(RAW)) & ~BIT(CHOWN), NULL},
    {"", "SYS_ADMIN", 0x800405fb, NULL},
    {"SYS_ADMIN", "all", BIT(ADMIN), NULL},
    {"", "ALL", 0, NULL},
    {"all", "SYS_ADMIN", (BIT(CAP_LAST_CAP + 1) - 1) & ~BIT(ADMIN), NULL},
    {"all SYS_ADMIN", "", BIT(CAP_LAST_CAP + 1) - 1, NULL},
    {"CHOWN", "CHOWN", 0, "CAP_CHOWN is both added and dropped"},
    {"all", "ALL", 0, "both say ALL"},
    {"NET_RWA", "", 0, "no capability \"NET_RWA\""},
    {"", "NOTHING_LIKE_IT", 0, "no capability \"NOTHING_LIKE_IT\""},
};

static void test_sets(void)
{
	for (size_t i = 0; i < array_len(sets); i++) {
		auto_strv struct strv add = {0}, drop = {0};
		uint64_t got = 1;
		struct err e = {0};
		int rc;

		strv_split(&add, sets[i].add, " ");
		strv_split(&drop, sets[i].drop, " ");
		rc = caps_resolve(caps_default, &add, &drop, &got, &e);
		if (sets[i].error)
			ok(rc == -1 && got == 1 && strstr(e.what, sets[i].error), "+%s -%s: %s",
			   sets[i].add, sets[i].drop, e.what);
		else
			ok(rc == 0 && got == sets[i].wanted, "+%s -%s: %llx", sets[i].add,
			   sets[i].drop, (unsigned long long)got);
	}
}

static void test_lists(void)
{
	auto_strv struct strv names = {0};
	uint64_t mask = 1;
	struct err e = {0};

	ok(caps_mask_of(&names, &mask, &e) == 0 && mask == 0, "no name: no capability");
	strv_add(&names, "CHOWN");
	strv_add(&names, "cap_net_raw");
	strv_add(&names, "CHOWN");
	ok(caps_mask_of(&names, &mask, &e) == 0 && mask == (BIT(CHOWN) | BIT(RAW)), "a mask");
	strv_add(&names, "CAP_SYS_ADMN");
	ok(caps_mask_of(&names, &mask, &e) == -1 && strstr(e.hint, "SYS_ADMIN"),
	   "a slip gets the nearest name: %s", e.hint);
	strv_free(&names);
	strv_add(&names, "nothing_like_any_of_them");
	ok(caps_mask_of(&names, &mask, &e) == -1 && strstr(e.hint, "capabilities(7)"),
	   "or the page that lists them: %s", e.hint);
}

int main(void)
{
	test_names();
	test_sets();
	test_lists();
	return tap_end();
}
