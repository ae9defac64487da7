/* SPDX-License-Identifier: Apache-2.0 */
/* One table of what images are made of. On both sides. */
#include "storage/media_type.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."

enum kind { UNKNOWN, INDEX, MANIFEST, SCHEMA1, CONFIG, LAYER, FOREIGN, NO_OPINION };

/* oci: what OCI calls the same bytes, where it is another. */
static const struct {
	const char *type;
	enum kind kind;
	const char *oci;
} types[] = {
    {OCI "index.v1+json", INDEX},
    {DOCKER "distribution.manifest.list.v2+json", INDEX},
    {OCI "manifest.v1+json", MANIFEST},
    {DOCKER "distribution.manifest.v2+json", MANIFEST, OCI "manifest.v1+json"},
    {DOCKER "distribution.manifest.v1+json", SCHEMA1},
    {DOCKER "distribution.manifest.v1+prettyjws", SCHEMA1},
    {OCI "config.v1+json", CONFIG},
    {DOCKER "container.image.v1+json", CONFIG, OCI "config.v1+json"},
    {OCI "layer.v1.tar", LAYER},
    {OCI "layer.v1.tar+gzip", LAYER},
    {OCI "layer.v1.tar+zstd", LAYER},
    {DOCKER "image.rootfs.diff.tar", LAYER, OCI "layer.v1.tar"},
    {DOCKER "image.rootfs.diff.tar.gzip", LAYER, OCI "layer.v1.tar+gzip"},
    {DOCKER "image.rootfs.diff.tar.zstd", LAYER, OCI "layer.v1.tar+zstd"},
    {OCI "layer.nondistributable.v1.tar", FOREIGN},
    {OCI "layer.nondistributable.v1.tar+gzip", FOREIGN},
    {OCI "layer.nondistributable.v1.tar+zstd", FOREIGN},
    {DOCKER "image.rootfs.foreign.diff.tar", FOREIGN},
    {DOCKER "image.rootfs.foreign.diff.tar.gzip", FOREIGN},
    /* What simple servers of files call everything. */
    {"application/json", NO_OPINION},
    {"application/octet-stream", NO_OPINION},
    {"text/plain", NO_OPINION},
};

static enum kind kind_of(const char *type)
{
	if (!type || !*type)
		return NO_OPINION;
	for (size_t i = 0; i < array_len(types); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].kind;
	return UNKNOWN;
}

const char *media_type_as_oci(const char *type)
{
	for (size_t i = 0; type && i < array_len(types); i++)
		if (types[i].oci && strcmp(types[i].type, type) == 0)
			return types[i].oci;
	return type;
}

bool media_type_is_document(const char *type)
{
	enum kind kind = kind_of(type);

	return kind == INDEX || kind == MANIFEST || kind == NO_OPINION;
}

static int refuse(struct err *e, const char *type, const char *what)
{
	auto_str struct str shown = {0};

	str_add_visible(&shown, type);
	err_msg(e, "%s: %.200s", what, str_get(&shown));
	return -1;
}

int media_type_check_document(const char *type, bool is_index, const char *by, struct err *e)
{
	enum kind kind = kind_of(type);

	if (kind == NO_OPINION || kind == (is_index ? INDEX : MANIFEST))
		return 0;
	if (kind == INDEX || kind == MANIFEST) {
		refuse(e, type,
		       is_index ? "an index that calls itself a manifest"
				: "a manifest that calls itself an index");
	} else if (kind == SCHEMA1) {
		refuse(e, type, "Docker's schema 1 is not read");
		err_hint(e, "push the image anew with a tool of this decade");
	} else {
		refuse(e, type, "neither an image nor an index of images");
	}
	return err_ctx(e, "%s", by);
}

int media_type_check_config(const char *type, struct err *e)
{
	enum kind kind = kind_of(type);

	if (kind == CONFIG || kind == NO_OPINION)
		return 0;
	refuse(e, type, "this is no image of a container: its configuration is of type");
	return err_hint(e, "charts, signatures and other artifacts are not for rlc");
}

int media_type_check_layer(const char *type, struct err *e)
{
	enum kind kind = kind_of(type);

	if (kind == LAYER || kind == NO_OPINION)
		return 0;
	if (kind == FOREIGN) {
		refuse(e, type, "a layer that must be fetched from its vendor");
		return err_hint(e, "such are images of Windows; get one for linux");
	}
	if (str_ends(type, "+encrypted")) {
		refuse(e, type, "an encrypted layer");
		return err_hint(e,
				"decrypt it first: skopeo copy --decryption-key KEY ... oci:DIR");
	}
	return refuse(e, type, "a layer that is no tar");
}
