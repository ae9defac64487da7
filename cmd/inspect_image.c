/* SPDX-License-Identifier: Apache-2.0 */
/* An image as `rlc inspect` shows it. */
#include "cmd/inspect.h"
#include "cmd/labels.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "storage/store.h"

/* Every name:tag the image has, and name@digest of each. */
static int add_names(const struct dirs *d, const struct image *image, struct json_object *o,
		     struct err *e)
{
	auto_strv struct strv tags = {0}, digests = {0};
	struct image_row *images;
	size_t n;

	if (store_list(d, &images, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(images[i].id, image->id) != 0 || !images[i].name)
			continue;
		if (images[i].tag)
			strv_addf(&tags, "%s:%s", images[i].name, images[i].tag);
		strv_addf(&digests, "%s@%s", images[i].name, images[i].manifest_digest);
	}
	image_rows_free(images, n);
	json_add_strv(o, "RepoTags", &tags);
	json_add_strv(o, "RepoDigests", &digests);
	return 0;
}

/* {"80/tcp": {}} */
static void add_set(struct json_object *o, const char *key, const struct strv *members)
{
	struct json_object *set = members->n ? json_add_object(o, key) : NULL;

	for (size_t i = 0; i < members->n; i++)
		json_add_object(set, members->v[i]);
}

static void add_config(const struct image_config *c, struct json_object *o)
{
	struct json_object *config = json_add_object(o, "Config");

	json_add_str(config, "User", c->user);
	add_set(config, "ExposedPorts", &c->exposed_ports);
	json_add_strv(config, "Env", &c->env);
	json_add_strv(config, "Entrypoint", &c->entrypoint);
	json_add_strv(config, "Cmd", &c->cmd);
	add_set(config, "Volumes", &c->volumes);
	json_add_str(config, "WorkingDir", c->workdir);
	labels_add(config, "Labels", &c->labels);
	json_add_str(config, "StopSignal", c->stop_signal);
}

int inspect_image(const struct dirs *d, const struct image *image, struct json_object **ret,
		  struct err *e)
{
	auto_json struct json_object *o = json_object_new_object();
	const struct image_config *c = &image->config;
	struct json_object *rootfs;

	json_add_str(o, "Id", image->id);
	json_add_str(o, "Digest", image->manifest_digest);
	if (add_names(d, image, o, e) < 0)
		return -1;
	if (c->created)
		json_add_str(o, "Created", c->created);
	else
		inspect_add_time(o, "Created", (int64_t)image->created * 1000000000);
	json_add_str(o, "Architecture", c->architecture);
	json_add_str(o, "Variant", c->variant);
	json_add_str(o, "Os", c->os);
	json_add_i64(o, "Size", (int64_t)image->size);
	add_config(c, o);
	labels_add(o, "Labels", &c->labels);
	rootfs = json_add_object(o, "RootFS");
	json_add_str(rootfs, "Type", "layers");
	json_add_strv(rootfs, "Layers", &c->diff_ids);
	*ret = take_ptr(o);
	return 0;
}
