/* SPDX-License-Identifier: Apache-2.0 */
/* Names and sets of capabilities; pure, used while planning. */
#include "lib/kernel/caps.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/base/strv.h"

#include <ctype.h>
#include <strings.h>
#include <sys/capability.h>

#define BIT(n) (UINT64_C(1) << (n))

const uint64_t caps_default = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) |
			      BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE) |
			      BIT(CAP_SETFCAP) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) |
			      BIT(CAP_SETUID) | BIT(CAP_SYS_CHROOT);

uint64_t caps_all(void)
{
	return BIT(CAP_LAST_CAP + 1) - 1;
}

int caps_number(const char *name)
{
	auto_free char *full =
	    strncasecmp(name, "cap_", 4) == 0 ? xstrdup(name) : xasprintf("cap_%s", name);
	cap_value_t number;

	return cap_from_name(full, &number) == 0 ? number : -1;
}

char *caps_name(int number)
{
	char *lower = cap_to_name(number), *name;

	if (!lower)
		return NULL;
	name = xstrdup(lower);
	cap_free(lower);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return name;
}

static int unknown_name(const char *name, struct err *e)
{
	auto_free char *upper = xstrdup(name), *best = NULL;
	const char *bare = upper;
	size_t best_distance;

	for (char *c = upper; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	if (str_starts(upper, "CAP_"))
		bare += strlen("CAP_");
	/* As option_nearest(): a third of the letters may be wrong. */
	best_distance = (strlen(bare) + 1) / 3 + 1;
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		auto_free char *known = caps_name(i);
		size_t distance = str_distance(bare, known + strlen("CAP_"));

		if (distance < best_distance) {
			best_distance = distance;
			xstr_set(&best, known + strlen("CAP_"));
		}
	}
	err_msg(e, "there is no capability \"%.64s\"", name);
	if (best)
		return err_hint(e, "did you mean %s?", best);
	return err_hint(e, "capabilities(7) lists their names; ALL stands for every one");
}

int caps_mask_of(const struct strv *list, uint64_t *ret, struct err *e)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < list->n; i++) {
		int number = caps_number(list->v[i]);

		if (strcasecmp(list->v[i], "all") == 0)
			mask |= caps_all();
		else if (number < 0)
			return unknown_name(list->v[i], e);
		else
			mask |= BIT(number);
	}
	*ret = mask;
	return 0;
}

static bool has_all(const struct strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcasecmp(list->v[i], "all") == 0)
			return true;
	return false;
}

int caps_resolve(uint64_t base, const struct strv *add, const struct strv *drop, uint64_t *ret,
		 struct err *e)
{
	uint64_t added = 0, dropped = 0;
	bool all_added = has_all(add), all_dropped = has_all(drop);

	if (caps_mask_of(add, &added, e) < 0 || caps_mask_of(drop, &dropped, e) < 0)
		return -1;
	if (all_added && all_dropped)
		return err_msg(e, "--cap-add and --cap-drop both say ALL");
	/* ALL on one side is the base that the other side makes exceptions to. */
	if (all_added) {
		*ret = caps_all() & ~dropped;
		return 0;
	}
	if (all_dropped) {
		*ret = added;
		return 0;
	}
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		if (added & dropped & BIT(i)) {
			auto_free char *name = caps_name(i);

			return err_msg(e, "%s is both added and dropped", name);
		}
	}
	*ret = (base | added) & ~dropped;
	return 0;
}
