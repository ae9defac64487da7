/* SPDX-License-Identifier: Apache-2.0 */
/* Who a container runs as, by texts that an image wrote. */
#include "cmd/launch/user.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "tests/unit/tap.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "web:x:33:44::/srv/web:/bin/sh\n"
			     "web:x:1:1::/second:/bin/sh\n"
			     "1000:x:7:8::/named-by-number:/bin/sh\n"
			     "bob:x:1000:1001::home:/bin/sh\n"
			     "nogroup:x:5:x::/n:/bin/sh\n"
			     "short:x:6\n"
			     ":x:9:9::/nameless:\n"
			     "minus:x:4294967295:0::/:\n"
			     "broken\n"
			     "last:x:99:98::/last:/bin/sh";
static const char group[] = "root:x:0:\n"
			    "audio:x:29:web,bob\n"
			    "staff:x:50:bob,web\n"
			    "video:x:44:webmaster\n"
			    "44x:x:45:web\n"
			    "again:x:29:web\n"
			    "bad:x:zz:web\n"
			    "empty:x:60:\n";

static const struct {
	const char *asked, *add; /* add: words */
	const char *wanted;	 /* "uid:gid home groups…", or part of an error after "!" */
} cases[] = {
    {"", "", "0:0 /root"},
    {"root", "", "0:0 /root"},
    {"0", "", "0:0 /root"},
    {"web", "", "33:44 /srv/web 29 50 45"},
    {"33", "", "33:44 /srv/web 29 50 45"},
    {"web:", "", "33:44 /srv/web 29 50 45"},
    {"web:staff", "", "33:50 /srv/web"},
    {"web:7", "", "33:7 /srv/web"},
    {"web:29", "", "33:29 /srv/web"},
    {"1000", "", "7:8 /named-by-number"}, /* a name that looks like a number is a name */
    {"bob", "", "1000:1001 / 29 50"},	  /* a relative home is none */
    {"nogroup", "", "5:0 /n"},
    {"short", "", "6:0 /"},
    {"last", "", "99:98 /last"},
    {"4000", "", "4000:0 /"},
    {"4000:4001", "audio 29 5000", "4000:4001 / 29 5000"},
    {":staff", "", "0:50 /root"},
    {"web", "audio empty", "33:44 /srv/web 29 50 45 60"},
    {"nobody", "", "!/etc/passwd has no user \"nobody\""},
    {"we", "", "!no user \"we\""},
    {"web:nothing", "", "!--user: the image's /etc/group has no group \"nothing\""},
    {"web", "nothing", "!--group-add: the image's /etc/group has no group \"nothing\""},
    {"minus", "", "!no user \"minus\""},
    {"4294967295", "", "!no user \"4294967295\""},
    {"-1", "", "!no user \"-1\""},
    {"web:4294967295", "", "!no group"},
    {"web:bad", "", "!no group \"bad\""},
};

static void test_resolve(void)
{
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_strv struct strv add = {0};
		auto_str struct str got = {0};
		struct user u = {.uid = 77};
		struct err e = {0};

		strv_split(&add, cases[i].add, " ");
		if (user_resolve(cases[i].asked, &add, passwd, group, &u, &e) < 0) {
			ok(cases[i].wanted[0] == '!' && strstr(e.what, cases[i].wanted + 1) &&
			       e.hint[0] && u.uid == 77,
			   "\"%s\": %s", cases[i].asked, e.what);
			continue;
		}
		str_addf(&got, "%u:%u %s", u.uid, u.gid, u.home);
		for (size_t j = 0; j < u.n_groups; j++)
			str_addf(&got, " %u", u.groups[j]);
		ok(strcmp(str_get(&got), cases[i].wanted) == 0, "\"%s\" + \"%s\": %s",
		   cases[i].asked, cases[i].add, str_get(&got));
		user_free(&u);
	}
}

/* An image may list a user in more groups than setgroups(2) takes. */
static void test_many_groups(void)
{
	auto_str struct str many = {0};
	const struct strv none = {0};
	struct user u;
	struct err e = {0};

	for (int i = 0; i < 70000; i++)
		str_addf(&many, "g%d:x:%d:web\n", i, i + 1);
	ok(user_resolve("web", &none, passwd, str_get(&many), &u, &e) == 0 && u.n_groups == 256,
	   "70000 groups: %s", e.what);
	user_free(&u);
}

static void test_no_files(void)
{
	const struct strv none = {0};
	struct user u;
	struct err e = {0};

	ok(user_resolve("", &none, "", "", &u, &e) == 0 && u.uid == 0 && u.gid == 0 &&
	       strcmp(u.home, "/") == 0,
	   "root needs no passwd: %s", e.what);
	user_free(&u);
	ok(user_resolve("web", &none, "", "", &u, &e) == -1, "a name does: %s", e.what);
}

int main(void)
{
	test_resolve();
	test_many_groups();
	test_no_files();
	return tap_end();
}
