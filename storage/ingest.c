/* SPDX-License-Identifier: Apache-2.0 */
/* The end of every intake: layers become visible, rlc is told, the user hears of losses. */
#include "storage/ingest.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/base/log.h"
#include "storage/layers.h"

/*
 * A layer that stands twice in an image counts where it stands highest: there it decides every
 * path it speaks of. overlayfs refuses one folder twice.
 */
static bool is_repeated(const struct layers *l, size_t n)
{
	for (size_t i = n + 1; i < l->n; i++)
		if (strcmp(l->v[i].folder, l->v[n].folder) == 0)
			return true;
	return false;
}

/* A layer above deletes everything: overlayfs merges roots without asking whether they are opaque.
 */
static bool is_hidden(const struct layers *l, size_t n)
{
	for (size_t i = n + 1; i < l->n; i++)
		if (l->v[i].hides_all)
			return true;
	return false;
}

static void tell_losses(const struct layers *l)
{
	uint64_t devices = 0, xattrs = 0, squashed = 0;

	for (size_t i = 0; i < l->n; i++) {
		devices += l->v[i].devices;
		xattrs += l->v[i].xattrs;
		squashed += l->v[i].squashed;
	}
	if (devices)
		log_warn("device files of the image were left out (%llu): containers get their own "
			 "/dev",
			 (unsigned long long)devices);
	if (xattrs)
		log_warn("extended attributes of the image were left out (%llu)",
			 (unsigned long long)xattrs);
	if (squashed)
		log_warn("files of other owners now belong to container root (%llu): there are no "
			 "subordinate ids",
			 (unsigned long long)squashed);
}

void ingest_finish(struct ingest *in, const struct layers *l, const struct image_answer *a)
{
	struct json_object *o, *folders;
	uint64_t size = 0;

	tell_losses(l);
	o = json_object_new_object();
	json_add_strv(o, "names", &a->names);
	json_add_strv(o, "documents", a->documents);
	json_add_str(o, "config", a->config);
	folders = json_add_array(o, "layers");
	for (size_t i = 0; i < l->n; i++) {
		if (is_hidden(l, i))
			continue;
		size += l->v[i].size;
		if (!is_repeated(l, i))
			json_object_array_add(folders, json_object_new_string(l->v[i].folder));
	}
	json_add_i64(o, "size", (int64_t)size);
	json_object_array_add(in->images, o);
}
