/* SPDX-License-Identifier: Apache-2.0 */
/* Which containers a filter lets through. */
#include "cmd/ps_filter.h"

#include "cmd/containers.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/unit/tap.h"

static char id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static char image_id[] = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
static char name[] = "web-1", image[] = "localhost/nginx:1.2";
static char *labels[] = {(char[]){"app=web"}, (char[]){"bare="}, NULL};

static bool passes(const char *filters, const char *ancestor)
{
	struct container c = {
	    .record = {.id = id,
		       .name = name,
		       .image_id = image_id,
		       .image_name = image,
		       .labels = {.v = labels, .n = 2}},
	    .state = {.status = STATUS_RUNNING},
	};
	auto_strv struct strv list = {0}, ancestors = {0};

	strv_split(&list, filters, " ");
	strv_split(&ancestors, ancestor, " ");
	return ps_filter_passes(&list, &ancestors, &c);
}

int main(void)
{
	static const struct {
		const char *filters;
		bool passes;
	} cases[] = {
	    {"", true},
	    {"id=0123", true},
	    {"id=123", false},
	    {"id=123 id=0123", true}, /* of one key any */
	    {"name=web", true},
	    {"name=^web-[0-9]+$", true},
	    {"name=^eb", false},
	    {"name=web id=9", false}, /* of keys all */
	    {"label=app", true},
	    {"label=app=web", true},
	    {"label=app=we", false},
	    {"label=ap", false},
	    {"label=app label=none", false}, /* of labels all */
	    {"label=bare", true},
	    {"label=bare=x", false},
	    {"status=running", true},
	    {"status=exited", false},
	    {"status=paused", false},
	    {"status=exited status=running", true},
	    {"ancestor=localhost/nginx:1.2", true},
	    {"ancestor=localhost/nginx", true},
	    {"ancestor=localhost", false},
	    {"ancestor=nginx", false},
	    {"ancestor=fedcba", true},
	};
	static const char *const bad[] = {"",	    "name", "color=red", "status=dancing",
					  "name=(", "ids=1"};
	struct err e = {0};

	for (size_t i = 0; i < array_len(cases); i++)
		ok(passes(cases[i].filters, "") == cases[i].passes, "\"%s\" %s", cases[i].filters,
		   cases[i].passes ? "passes" : "does not");
	ok(passes("ancestor=nginx", image_id), "an image by another name");
	for (size_t i = 0; i < array_len(bad); i++)
		ok(ps_filter_check(bad[i], &e) == -1 && e.what[0], "\"%s\" is refused: %s", bad[i],
		   e.what);
	ok(ps_filter_check("status=exited", &e) == 0 && ps_filter_check("label=a=b", &e) == 0,
	   "good ones are not");
	return tap_end();
}
