/* SPDX-License-Identifier: Apache-2.0 */
/* Where a registry's manifests and blobs are. */
#include "lib/base/auto.h"
#include "storage/registry.h"
#include "tests/unit/tap.h"

static void expect(const struct registry *r, const char *kind, const char *what, const char *wanted)
{
	auto_free char *url = registry_url(r, kind, what);

	ok(strcmp(url, wanted) == 0, "%s", url);
}

int main(void)
{
	struct registry r = {.name = "docker.io", .repository = "library/alpine"};

	expect(&r, "manifests", "latest",
	       "https://registry-1.docker.io/v2/library/alpine/manifests/latest");
	r = (struct registry){.name = "[::1]:5000", .repository = "a/b", .plain = true};
	expect(&r, "blobs", "sha256:00", "http://[::1]:5000/v2/a/b/blobs/sha256:00");
	expect(&r, NULL, NULL, "http://[::1]:5000/v2/");
	r.name = "my.docker.io";
	ok(strcmp(registry_host(&r), "my.docker.io") == 0, "others are where their name says");
	return tap_end();
}
