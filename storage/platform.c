/* SPDX-License-Identifier: Apache-2.0 */
/* Matching images to machines. On both sides. */
#include "storage/platform.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/manifest.h"

#include <sys/utsname.h>

static const struct {
	const char *machine;
	struct platform platform;
} machines[] = {
    {"x86_64", {"amd64", ""}},	  {"aarch64", {"arm64", "v8"}},
    {"armv8l", {"arm", "v8"}},	  {"armv7l", {"arm", "v7"}},
    {"armv6l", {"arm", "v6"}},	  {"i686", {"386", ""}},
    {"i586", {"386", ""}},	  {"i386", {"386", ""}},
    {"ppc64le", {"ppc64le", ""}}, {"loongarch64", {"loong64", ""}},
};

struct platform platform_of_machine(const char *machine)
{
	struct platform unknown = {0};

	for (size_t i = 0; i < array_len(machines); i++)
		if (strcmp(machines[i].machine, machine) == 0)
			return machines[i].platform;
	/* riscv64 and s390x are called the same in both worlds. */
	snprintf(unknown.architecture, sizeof(unknown.architecture), "%s", machine);
	return unknown;
}

/* Variants that are meant where none is written: containerd's platforms/database.go. */
static void normalize(struct platform *p)
{
	struct platform of_machine = platform_of_machine(p->architecture);

	if (strcmp(of_machine.architecture, p->architecture) != 0) {
		memcpy(p->architecture, of_machine.architecture, sizeof(p->architecture));
		if (!*p->variant)
			memcpy(p->variant, of_machine.variant, sizeof(p->variant));
	}
	if (!*p->variant && strcmp(p->architecture, "arm64") == 0)
		memcpy(p->variant, "v8", 3);
	if (!*p->variant && strcmp(p->architecture, "arm") == 0)
		memcpy(p->variant, "v7", 3);
}

int platform_parse(const char *text, struct platform *ret, struct err *e)
{
	static const char prefix[] = "linux/", word[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	const char *architecture = text + sizeof(prefix) - 1, *variant;
	auto_str struct str shown = {0};
	struct platform p = {0};
	size_t n;

	str_add_visible(&shown, text);
	if (!str_starts(text, prefix)) {
		err_msg(e, "\"%.100s\" is no platform that containers run on here",
			str_get(&shown));
		return err_hint(e, "write linux/ARCHITECTURE, as in linux/amd64 or linux/arm/v7");
	}
	n = strspn(architecture, word);
	variant = architecture[n] == '/' ? architecture + n + 1 : "";
	if (n == 0 || n >= sizeof(p.architecture) || (architecture[n] && architecture[n] != '/') ||
	    (architecture[n] && !*variant) || strlen(variant) >= sizeof(p.variant) ||
	    variant[strspn(variant, word)]) {
		err_msg(e, "\"%.100s\" is no platform", str_get(&shown));
		return err_hint(e, "write linux/ARCHITECTURE[/VARIANT], as in linux/arm/v7");
	}
	memcpy(p.architecture, architecture, n);
	memcpy(p.variant, variant, strlen(variant));
	normalize(&p);
	*ret = p;
	return 0;
}

struct platform platform_native(void)
{
	struct utsname host;

	(void)uname(&host); /* fails only for a bad address */
	return platform_of_machine(host.machine);
}

/* "v7" → 7; no variant is the oldest. */
static int variant_number(const char *variant)
{
	return variant && variant[0] == 'v' ? atoi(variant + 1) : 0;
}

bool platform_fits(const struct platform *p, const char *architecture, const char *variant)
{
	struct platform there;

	if (!architecture || !*architecture)
		return true;
	there = platform_of_machine(architecture);
	return strcmp(there.architecture, p->architecture) == 0 &&
	       (!*p->variant || variant_number(variant) <= variant_number(p->variant));
}

/* 0: does not run; higher is better. */
static int score(const struct platform *p, const struct descriptor *d)
{
	int wanted = variant_number(p->variant), there = variant_number(d->variant);

	if (!d->architecture)
		return d->os ? 0 : 1;
	if ((d->os && strcmp(d->os, "linux") != 0) ||
	    strcmp(d->architecture, p->architecture) != 0 || there > wanted)
		return 0;
	return 2 + there;
}

int platform_choose(const struct platform *p, const struct descriptor *const *list, size_t n)
{
	int best = -1, best_score = 0;

	for (size_t i = 0; i < n; i++) {
		int s = score(p, list[i]);

		if (s > best_score) {
			best = (int)i;
			best_score = s;
		}
	}
	return best;
}
