/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/manifest.h"
#include "storage/platform.h"
#include "tests/unit/tap.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BLOB  "{\"digest\":\"sha256:" HEX64 "\",\"size\":5}"

static void test_index(void)
{
	static const char text[] =
	    "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:" HEX64 "\",\"size\":5,"
	    "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"},"
	    "\"annotations\":{\"org.opencontainers.image.ref.name\":\"1.0\","
	    "\"io.containerd.image.name\":\"docker.io/library/a:1.0\"}}," BLOB "]}";
	struct descriptors d = {0};
	struct err e;
	bool is_index = false;

	ok(manifest_parse_index(text, strlen(text), "index", &d, &e) == 0 && d.n == 2, "an index");
	ok(d.v[0].size == 5 && strcmp(d.v[0].architecture, "arm") == 0 &&
	       strcmp(d.v[0].variant, "v7") == 0,
	   "size and platform");
	ok(strcmp(d.v[0].name, "docker.io/library/a:1.0") == 0, "the full name is preferred");
	ok(!d.v[1].name && !d.v[1].os, "what is not said is not set");
	descriptors_free(&d);
	ok(manifest_is_index(text, strlen(text), "index", &is_index, &e) == 0 && is_index,
	   "is known as one");
}

static void test_manifest(void)
{
	static const char text[] =
	    "{\"schemaVersion\":2,\"config\":" BLOB ",\"layers\":[" BLOB "," BLOB "]}";
	struct manifest m = {0}, again = {0};
	auto_free char *written = NULL;
	struct err e;

	ok(manifest_parse(text, strlen(text), "manifest", &m, &e) == 0 && m.layers.n == 2 &&
	       strcmp(m.config.digest, "sha256:" HEX64) == 0,
	   "a manifest");
	written = manifest_write(&m);
	ok(manifest_parse(written, strlen(written), "manifest", &again, &e) == 0 &&
	       again.layers.n == 2 && again.layers.v[1].size == 5,
	   "written and read again");
	manifest_free(&m);
	manifest_free(&again);
}

static void test_refused(void)
{
	static const struct {
		const char *why, *text;
	} rows[] = {
	    {"nothing", ""},
	    {"a list", "[]"},
	    {"neither", "{\"schemaVersion\":2}"},
	    {"both at once", "{\"manifests\":[],\"config\":" BLOB ",\"layers\":[]}"},
	    {"schema 1", "{\"schemaVersion\":1,\"layers\":[],\"config\":" BLOB "}"},
	    {"no configuration", "{\"layers\":[]}"},
	    {"a layer without digest", "{\"config\":" BLOB ",\"layers\":[{\"size\":5}]}"},
	    {"a layer without size",
	     "{\"config\":" BLOB ",\"layers\":[{\"digest\":\"sha256:" HEX64 "\"}]}"},
	    {"a negative size",
	     "{\"config\":" BLOB ",\"layers\":[{\"digest\":\"sha256:" HEX64 "\",\"size\":-1}]}"},
	    {"a digest that is a path",
	     "{\"config\":" BLOB ",\"layers\":[{\"digest\":\"sha256:../../x\",\"size\":5}]}"},
	    {"another hash",
	     "{\"config\":" BLOB ",\"layers\":[{\"digest\":\"md5:" HEX64 "\",\"size\":5}]}"},
	    {"layers that are none", "{\"config\":" BLOB ",\"layers\":[7]}"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct manifest m = {0};
		struct err e = {0};

		ok(manifest_parse(rows[i].text, strlen(rows[i].text), "manifest", &m, &e) < 0 &&
		       strstr(e.what, "manifest") && !m.config.digest,
		   "refused: %s (%s)", rows[i].why, e.what);
	}
}

/* One reader would take it for an image, another for a list of images (CVE-2021-41190). */
static void test_two_shapes(void)
{
	static const char both[] = "{\"manifests\":[],\"config\":" BLOB ",\"layers\":[]}";
	static const char index[] = "{\"manifests\":[],\"layers\":[]}";
	struct descriptors d = {0};
	struct manifest m = {0};
	bool is_index;
	struct err e;

	ok(manifest_parse(both, strlen(both), "m", &m, &e) < 0 && strstr(e.what, "both"),
	   "not a manifest: %s", e.what);
	ok(manifest_parse_index(index, strlen(index), "i", &d, &e) < 0 && strstr(e.what, "both"),
	   "nor an index: %s", e.what);
	ok(manifest_is_index(both, strlen(both), "b", &is_index, &e) < 0, "nor either");
	ok(manifest_is_index("{}", 2, "b", &is_index, &e) < 0 && strstr(e.what, "neither"),
	   "nothing is neither");
}

static void test_archive(void)
{
	static const char text[] = "[{\"Config\":\"c.json\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"l/"
				   "layer.tar\"]},{\"Config\":\"d.json\",\"RepoTags\":null}]";
	struct archive_images a = {0};
	struct err e;

	ok(manifest_parse_archive(text, strlen(text), "manifest.json", &a, &e) == 0 && a.n == 2 &&
	       strcmp(a.v[0].config, "c.json") == 0 && a.v[0].tags.n == 1 && a.v[0].layers.n == 1 &&
	       a.v[1].tags.n == 0,
	   "docker's table");
	archive_images_free(&a);
	ok(manifest_parse_archive("{}", 2, "manifest.json", &a, &e) < 0 &&
	       manifest_parse_archive("[{}]", 4, "manifest.json", &a, &e) < 0 &&
	       manifest_parse_archive("[7]", 3, "manifest.json", &a, &e) < 0,
	   "other tables are refused");
}

static struct descriptor entry(const char *os, const char *architecture, const char *variant)
{
	/* Only read. */
	return (struct descriptor){.os = (char *)(uintptr_t)os,
				   .architecture = (char *)(uintptr_t)architecture,
				   .variant = (char *)(uintptr_t)variant};
}

static void test_platform(void)
{
	struct descriptor arm6 = entry("linux", "arm", "v6"), arm7 = entry("linux", "arm", "v7"),
			  arm8 = entry("linux", "arm64", "v8"), amd = entry("linux", "amd64", NULL),
			  win = entry("windows", "amd64", NULL),
			  unknown = entry("unknown", "unknown", NULL),
			  plain = entry(NULL, NULL, NULL);
	const struct descriptor *all[] = {&unknown, &win, &arm6, &arm7, &arm8, &amd};
	const struct descriptor *foreign[] = {&unknown, &win, &arm8};
	const struct descriptor *unsaid[] = {&unknown, &plain};
	struct platform amd64 = platform_of_machine("x86_64"), v7 = platform_of_machine("armv7l"),
			v6 = platform_of_machine("armv6l"), v8 = platform_of_machine("aarch64"),
			riscv = platform_of_machine("riscv64");

	ok(platform_choose(&amd64, all, 6) == 5, "amd64");
	ok(platform_choose(&v7, all, 6) == 3 && platform_choose(&v6, all, 6) == 2,
	   "the newest variant that runs");
	ok(platform_choose(&v8, all, 6) == 4, "arm64/v8");
	ok(platform_choose(&riscv, all, 6) == -1 && platform_choose(&amd64, foreign, 3) == -1,
	   "none fits");
	ok(platform_choose(&amd64, unsaid, 2) == 1, "one that says nothing may fit");
	ok(platform_fits(&amd64, "amd64", NULL) && platform_fits(&amd64, "x86_64", "v2") &&
	       platform_fits(&amd64, NULL, NULL) && platform_fits(&amd64, "", ""),
	   "a configuration of the same architecture, or of none, fits");
	ok(!platform_fits(&amd64, "arm64", NULL) && !platform_fits(&amd64, "386", NULL),
	   "another architecture does not");
	ok(platform_fits(&v7, "arm", "v6") && !platform_fits(&v6, "arm", "v7") &&
	       platform_fits(&v8, "arm64", NULL),
	   "nor does a newer variant");
}

static void test_platform_text(void)
{
	static const struct {
		const char *text, *architecture, *variant;
	} good[] = {
	    {"linux/amd64", "amd64", ""},     {"linux/x86_64", "amd64", ""},
	    {"linux/arm64", "arm64", "v8"},   {"linux/aarch64", "arm64", "v8"},
	    {"linux/arm/v6", "arm", "v6"},    {"linux/arm", "arm", "v7"},
	    {"linux/riscv64", "riscv64", ""}, {"linux/amd64/v3", "amd64", "v3"},
	};
	static const char *const bad[] = {
	    "",
	    "linux",
	    "linux/",
	    "amd64",
	    "windows/amd64",
	    "linux/amd64/",
	    "linux/arm/v7/x",
	    "linux/../../etc",
	    "Linux/amd64",
	    "linux/amd64/longvariant",
	    "linux/a\033[31m",
	    "linux//v7",
	    "linux/an_architecture_of_more_than_32_letters",
	};
	struct platform p;
	struct err e = {0};

	for (size_t i = 0; i < array_len(good); i++)
		ok(platform_parse(good[i].text, &p, &e) == 0 &&
		       strcmp(p.architecture, good[i].architecture) == 0 &&
		       strcmp(p.variant, good[i].variant) == 0,
		   "%s", good[i].text);
	for (size_t i = 0; i < array_len(bad); i++)
		ok(platform_parse(bad[i], &p, &e) < 0 && !strchr(e.what, '\033'), "refused: %zu",
		   i);
}

int main(void)
{
	test_index();
	test_manifest();
	test_refused();
	test_two_shapes();
	test_archive();
	test_platform();
	test_platform_text();
	return tap_end();
}
