/* SPDX-License-Identifier: Apache-2.0 */
/* Where short names lead, by settings. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "storage/short_name.h"
#include "tests/unit/tap.h"

static struct strv aliases, search;

/* The candidates of a name between blanks. */
static void expect(const char *typed, const char *wanted)
{
	auto_strv struct strv got = {0};
	auto_str struct str text = {0};
	struct err e = {0};

	if (short_name_candidates(typed, &aliases, &search, &got, &e) < 0)
		str_addf(&text, "error");
	for (size_t i = 0; i < got.n; i++)
		str_addf(&text, "%s%s", i ? " " : "", got.v[i]);
	ok(strcmp(str_get(&text), wanted) == 0, "%s → %s", typed, wanted);
	if (strcmp(str_get(&text), wanted) != 0)
		printf("# got %s\n", str_get(&text));
}

/* What a typed name may be called here. */
static void expect_here(const char *typed, const char *wanted)
{
	auto_strv struct strv got = {0};
	auto_str struct str text = {0};

	short_name_here(typed, &aliases, &search, &got);
	for (size_t i = 0; i < got.n; i++)
		str_addf(&text, "%s%s", i ? " " : "", got.v[i]);
	ok(strcmp(str_get(&text), wanted) == 0, "here, %s → %s", typed, wanted);
	if (strcmp(str_get(&text), wanted) != 0)
		printf("# got %s\n", str_get(&text));
}

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int main(void)
{
	expect("alpine", "docker.io/library/alpine:latest");
	expect("user/app:1", "docker.io/user/app:1");
	expect("quay.io/a/b", "quay.io/a/b:latest");
	expect("localhost:5000/a", "localhost:5000/a:latest");
	expect("Alpine", "error");
	expect_here("alpine:3", "localhost/alpine:3 docker.io/library/alpine:3");
	expect_here("quay.io/a/b", "quay.io/a/b:latest");
	expect_here("Alpine", "");
	strv_add(&aliases, "fedora=registry.fedoraproject.org/fedora");
	strv_add(&aliases, "tool=old.example/tool");
	strv_add(&aliases, "tool=new.example:5/team/tool");
	strv_add(&aliases, "team/app=r.example/app");
	expect("fedora", "registry.fedoraproject.org/fedora:latest");
	expect("fedora:39", "registry.fedoraproject.org/fedora:39");
	expect("fedora@" DIGEST, "registry.fedoraproject.org/fedora@" DIGEST);
	expect("fedora:39@" DIGEST, "registry.fedoraproject.org/fedora:39@" DIGEST);
	expect("tool", "new.example:5/team/tool:latest");
	expect("team/app", "r.example/app:latest");
	expect("fedor", "docker.io/library/fedor:latest");
	expect("fedora2", "docker.io/library/fedora2:latest");
	expect("localhost/fedora", "localhost/fedora:latest");
	strv_add(&search, "r.example");
	strv_add(&search, "docker.io");
	strv_add(&search, "r.example");
	expect("alpine:3", "r.example/alpine:3 docker.io/library/alpine:3");
	expect("quay.io/a", "quay.io/a:latest");
	expect("fedora", "registry.fedoraproject.org/fedora:latest");
	expect_here("fedora", "localhost/fedora:latest registry.fedoraproject.org/fedora:latest "
			      "docker.io/library/fedora:latest");
	expect_here("alpine", "localhost/alpine:latest r.example/alpine:latest "
			      "docker.io/library/alpine:latest");
	expect_here("localhost/fedora", "localhost/fedora:latest");
	strv_free(&aliases);
	strv_free(&search);
	return tap_end();
}
