/* SPDX-License-Identifier: Apache-2.0 */
/* An image's config blob (image-spec config.md, and Docker's dialect of it), read in `rlc`. */
#include "lib/spec/image.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/json.h"

/* {"80/tcp": {}, …}: a set in the clothes of an object; only the keys say something. */
static int copy_keys(struct json_object *o, const char *key, struct strv *ret, struct err *e)
{
	struct json_object *set = NULL;

	if (json_get_object(o, key, &set, e) < 0)
		return -1;
	if (!set)
		return 0;
	json_object_object_foreach(set, name, value)
	{
		(void)value; /* always {} */
		strv_add(ret, name);
	}
	return 0;
}

static int copy_labels(struct json_object *o, struct strv *ret, struct err *e)
{
	struct json_object *labels = NULL;

	if (json_get_object(o, "Labels", &labels, e) < 0)
		return -1;
	if (!labels)
		return 0;
	json_object_object_foreach(labels, name, value)
	{
		const char *text = NULL;

		(void)value; /* read by json_get_str, which checks its type */
		if (json_get_str(labels, name, &text, e) < 0)
			return -1;
		strv_addf(ret, "%s=%s", name, text ? text : "");
	}
	return 0;
}

/* The "config" member: defaults for the run. */
static int parse_run(struct json_object *o, struct image_config *c, struct err *e)
{
	if (json_get_strv(o, "Entrypoint", &c->entrypoint, e) < 0 ||
	    json_get_strv(o, "Cmd", &c->cmd, e) < 0 || json_get_strv(o, "Env", &c->env, e) < 0 ||
	    json_copy_str(o, "WorkingDir", &c->workdir, e) < 0 ||
	    json_copy_str(o, "User", &c->user, e) < 0 ||
	    json_copy_str(o, "StopSignal", &c->stop_signal, e) < 0 ||
	    copy_labels(o, &c->labels, e) < 0)
		return -1;
	if (copy_keys(o, "Volumes", &c->volumes, e) < 0)
		return -1;
	return copy_keys(o, "ExposedPorts", &c->exposed_ports, e);
}

static int parse(struct json_object *o, struct image_config *c, struct err *e)
{
	struct json_object *run = NULL, *rootfs = NULL;

	if (json_copy_str(o, "architecture", &c->architecture, e) < 0 ||
	    json_copy_str(o, "os", &c->os, e) < 0 ||
	    json_copy_str(o, "variant", &c->variant, e) < 0 ||
	    json_copy_str(o, "created", &c->created, e) < 0)
		return -1;
	if (json_get_object(o, "config", &run, e) < 0 || (run && parse_run(run, c, e) < 0))
		return -1;
	if (json_get_object(o, "rootfs", &rootfs, e) < 0)
		return -1;
	if (!rootfs)
		return err_msg(e, "\"rootfs\" is missing: this is not an image's configuration");
	return json_get_strv(rootfs, "diff_ids", &c->diff_ids, e);
}

int image_config_parse(const char *text, size_t n, const char *name, struct image_config *ret,
		       struct err *e)
{
	auto_json struct json_object *o = NULL;
	struct image_config c = {0};

	if (json_parse(text, n, name, &o, e) < 0)
		return -1;
	if (parse(o, &c, e) < 0) {
		image_config_free(&c);
		return err_ctx(e, "%s", name);
	}
	*ret = c;
	return 0;
}

void image_config_free(struct image_config *c)
{
	struct strv *lists[] = {&c->entrypoint, &c->cmd,	   &c->env,	&c->labels,
				&c->volumes,	&c->exposed_ports, &c->diff_ids};
	char *texts[] = {c->architecture, c->os,   c->variant,	  c->created,
			 c->workdir,	  c->user, c->stop_signal};

	for (size_t i = 0; i < array_len(lists); i++)
		strv_free(lists[i]);
	for (size_t i = 0; i < array_len(texts); i++)
		free(texts[i]);
	*c = (struct image_config){0};
}
