/* SPDX-License-Identifier: Apache-2.0 */
/* Intake of one image of a registry's repository, which rlc-fetch reads for us. In rlc-image. */
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "storage/digest.h"
#include "storage/ingest.h"
#include "storage/ingest_image.h"
#include "storage/reference.h"
#include "storage/source.h"

/* What was asked for by digest must have it; the header of the answer is only a claim. */
static int check_digest(const struct registry_request *r, const char *hex, struct err *e)
{
	if (!reference_is_digest(r->what) || strcmp(r->what + 7, hex) == 0)
		return 0;
	return err_msg(
	    e, "the registry's answer is damaged or forged: its digest is sha256:%s, not %s", hex,
	    r->what);
}

static int take(struct ingest *in, const struct registry_request *r, struct source *s,
		struct err *e)
{
	auto_strv struct strv chain = {0};
	struct intake k = {.in = in,
			   .s = s,
			   .platform = r->platform,
			   .platform_asked = r->platform_asked,
			   .name = r->reference,
			   .have = r->have,
			   .chain = &chain,
			   .claims = true};
	struct fetch_head head = {0};
	auto_free char *text = NULL;
	char hex[DIGEST_HEX];
	struct document d = {.hex = hex, .type = head.media_type};

	if (source_read_manifest(s, r->what, MANIFEST_MAX, &head, &text, &d.n, e) < 0)
		return -1;
	d.text = text;
	digest_of(text, d.n, hex);
	if (check_digest(r, hex, e) < 0)
		return -1;
	return intake_document(&k, &d, e);
}

int ingest_registry(struct ingest *in, int sock, const struct registry_request *r, struct err *e)
{
	struct source *s = source_registry(sock, r->name);
	int rc = take(in, r, s, e);

	source_free(s);
	return rc;
}
