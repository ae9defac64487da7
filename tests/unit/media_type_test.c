/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of an image may call themselves. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "storage/media_type.h"
#include "tests/unit/tap.h"

#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."

static void test_documents(void)
{
	static const struct {
		const char *type;
		bool index, manifest; /* may it be one? */
		const char *why;
	} rows[] = {
	    {NULL, true, true, ""},
	    {"", true, true, ""},
	    {"application/json", true, true, ""},
	    {OCI "index.v1+json", true, false, "a manifest that calls itself an index"},
	    {DOCKER "distribution.manifest.list.v2+json", true, false, "calls itself an index"},
	    {OCI "manifest.v1+json", false, true, "an index that calls itself a manifest"},
	    {DOCKER "distribution.manifest.v2+json", false, true, "calls itself a manifest"},
	    {DOCKER "distribution.manifest.v1+prettyjws", false, false, "schema 1 is not read"},
	    {"text/html", false, false, "neither an image nor an index of images: text/html"},
	    {OCI "config.v1+json", false, false, "neither an image"},
	    {"application/vnd.oci.image.index.v1+json ", false, false, "neither an image"},
	    {"a\033[31m", false, false, "a\\x1b[31m"},
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct err e = {0};
		bool index = media_type_check_document(rows[i].type, true, "it", &e) == 0;
		bool manifest = media_type_check_document(rows[i].type, false, "it", &e) == 0;

		ok(index == rows[i].index && manifest == rows[i].manifest &&
		       media_type_is_document(rows[i].type) == (index || manifest),
		   "a document: %zu", i);
		ok(*rows[i].why ? strstr(e.what, rows[i].why) != NULL : !*e.what, "%s", e.what);
	}
}

static void test_parts(void)
{
	static const struct {
		const char *type, *why;
	} layers[] = {
	    {OCI "layer.v1.tar", NULL},
	    {OCI "layer.v1.tar+zstd", NULL},
	    {DOCKER "image.rootfs.diff.tar.gzip", NULL},
	    {NULL, NULL},
	    {OCI "layer.nondistributable.v1.tar+gzip", "from its vendor"},
	    {DOCKER "image.rootfs.foreign.diff.tar.gzip", "from its vendor"},
	    {OCI "layer.v1.tar+gzip+encrypted", "encrypted"},
	    {"application/wasm", "no tar: application/wasm"},
	};
	struct err e = {0};

	for (size_t i = 0; i < array_len(layers); i++) {
		int rc = media_type_check_layer(layers[i].type, &e);

		ok(layers[i].why ? rc < 0 && strstr(e.what, layers[i].why) : rc == 0, "a layer: %s",
		   layers[i].type ? layers[i].type : "that says nothing");
	}
	ok(media_type_check_config(OCI "config.v1+json", &e) == 0 &&
	       media_type_check_config(DOCKER "container.image.v1+json", &e) == 0,
	   "configurations of images");
	ok(media_type_check_config("application/vnd.cncf.helm.config.v1+json", &e) < 0 &&
	       strstr(e.what, "helm"),
	   "a chart is none: %s", e.what);
}

static void test_translation(void)
{
	static const char own[] = OCI "layer.v1.tar", other[] = "application/wasm";

	ok(strcmp(media_type_as_oci(DOCKER "image.rootfs.diff.tar.gzip"),
		  OCI "layer.v1.tar+gzip") == 0 &&
	       strcmp(media_type_as_oci(DOCKER "container.image.v1+json"), OCI "config.v1+json") ==
		   0,
	   "Docker's words in OCI's");
	ok(media_type_as_oci(own) == own && media_type_as_oci(other) == other &&
	       !media_type_as_oci(NULL),
	   "others stay as they are");
}

int main(void)
{
	test_documents();
	test_parts();
	test_translation();
	return tap_end();
}
