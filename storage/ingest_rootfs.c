/* SPDX-License-Identifier: Apache-2.0 */
/* Intake of a plain root file system: rlc import. In rlc-image. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"
#include "storage/ingest.h"
#include "storage/layers.h"
#include "storage/manifest.h"
#include "storage/platform.h"
#include "storage/stream.h"

#include <time.h>

static void add_date(struct json_object *o)
{
	time_t now = time(NULL);
	struct tm utc;
	char text[32];

	if (gmtime_r(&now, &utc) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc))
		json_add_str(o, "created", text);
}

/* image-spec config.md. The caller owns the text. */
static int make_config(const struct layer *y, const char *run_json, char **ret, struct err *e)
{
	auto_json struct json_object *o = json_object_new_object();
	struct platform native = platform_native();
	auto_free char *diff_id = xasprintf("sha256:%s", y->diff_id);
	struct json_object *run, *rootfs, *step;

	if (json_parse(run_json, strlen(run_json), "the image's new settings", &run, e) < 0)
		return -1;
	add_date(o);
	json_add_str(o, "architecture", native.architecture);
	if (*native.variant)
		json_add_str(o, "variant", native.variant);
	json_add_str(o, "os", "linux");
	json_object_object_add(o, "config", run);
	rootfs = json_add_object(o, "rootfs");
	json_add_str(rootfs, "type", "layers");
	json_object_array_add(json_add_array(rootfs, "diff_ids"), json_object_new_string(diff_id));
	step = json_object_new_object();
	add_date(step);
	json_add_str(step, "comment", "imported by rlc");
	json_object_array_add(json_add_array(o, "history"), step);
	*ret = xstrdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
	return 0;
}

static int finish(struct ingest *in, struct layers *l, const char *reference, const char *run_json,
		  struct err *e)
{
	auto_strv struct strv documents = {0};
	auto_free char *config = NULL;
	struct image_answer a = {.documents = &documents};
	char config_hex[DIGEST_HEX];
	struct manifest m = {0};

	if (make_config(&l->v[0], run_json, &config, e) < 0)
		return -1;
	digest_of(config, strlen(config), config_hex);
	m.config = (struct descriptor){
	    .media_type = xstrdup("application/vnd.oci.image.config.v1+json"),
	    .digest = xasprintf("sha256:%s", config_hex),
	    .size = strlen(config),
	};
	descriptors_add(&m.layers, l->v[0].media_type, l->v[0].hex, l->v[0].blob_size);
	strv_take(&documents, manifest_write(&m));
	manifest_free(&m);
	a.config = config;
	if (reference)
		strv_add(&a.names, reference);
	ingest_finish(in, l, &a);
	strv_free(&a.names);
	return 0;
}

struct input {
	int fd;
	const char *name;
};

static int open_input(void *arg, size_t n, struct stream **ret, struct err *e)
{
	const struct input *in = arg;

	(void)n; /* there is one */
	(void)e; /* cannot fail */
	*ret = stream_fd(in->fd, in->name);
	return 0;
}

int ingest_rootfs(struct ingest *in, int fd, const char *name, const char *reference,
		  const char *run_json, struct err *e)
{
	struct layer_blob blob = {.name = name, .size = DIGEST_ANY_SIZE};
	struct layers l = {.shelf = &in->shelf, .news = -1};
	struct input input = {.fd = fd, .name = name};
	struct layer_supply from = {.open = open_input, .arg = &input};
	int rc = layers_make(&l, &blob, 1, &from, e);

	/* What a command that failed left in a pipe must not become an image under a good name. */
	if (rc == 0 && l.v[0].blob_size == 0) {
		err_msg(e, "%s is empty, not even a tar of nothing", name);
		rc = err_hint(e, "tar -C FOLDER -c . | rlc import - NAME");
	}
	if (rc == 0)
		rc = finish(in, &l, reference, run_json, e);
	layers_free(&l);
	return rc;
}
