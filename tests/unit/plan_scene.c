/* SPDX-License-Identifier: Apache-2.0 */
/* The scene of the tests of plans. */
#include "tests/unit/plan_scene.h"

#include "lib/base/alloc.h"

#include <stdlib.h>
#include <sys/mount.h>

const char scene_id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

void set_list(struct strv *list, const char *words)
{
	strv_free(list);
	strv_split(list, words, " ");
}

void scene_begin(struct scene *c)
{
	*c = (struct scene){0};
	spec_init(&c->spec);
	c->spec.image = xstrdup("web");
	c->image.id = xstrdup("4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1");
	c->image.name = xstrdup("docker.io/library/web:latest");
	set_list(&c->image.layers, "aaaa bbbb");
	set_list(&c->image.config.entrypoint, "/entry.sh -v");
	set_list(&c->image.config.cmd, "serve --port=80");
	set_list(&c->image.config.env, "PATH=/usr/bin LANG=C.UTF-8");
	set_list(&c->image.config.labels, "vendor=them version=1");
	c->image.config.workdir = xstrdup("/srv");
	c->host = (struct plan_host){
	    .map = {.uid = {{0, 1000, 1}, {1, 100000, 65536}},
		    .gid = {{0, 1000, 1}, {1, 100000, 65536}},
		    .n_uid = 2,
		    .n_gid = 2},
	    .data = "/home/ann/.local/share/rlc",
	    .run = "/run/user/1000/rlc",
	    .cgroup = {.mount = "/sys/fs/cgroup"},
	    .config_dirs = {"/etc/rlc", "/home/ann/.config/rlc"},
	    .hostname = "laptop",
	    .resolv_conf = "nameserver 10.0.0.1\n",
	    .hosts = "127.0.0.1 localhost\n10.0.0.2 laptop\n",
	};
}

void scene_end(struct scene *c)
{
	struct image_config *config = &c->image.config;

	spec_free(&c->spec);
	free(c->image.id);
	free(c->image.name);
	strv_free(&c->image.layers);
	image_config_free(config);
}

int scene_plan(struct scene *c, struct plan *p, struct err *e)
{
	return plan_build(&c->spec, c->no_image ? NULL : &c->image, &c->host, scene_id, "web", p,
			  e);
}

struct spec_mount *add_bind(struct scene *c, const char *source, const char *target)
{
	struct spec_mount *m = spec_add_mount(&c->spec);

	*m = (struct spec_mount){.kind = MOUNT_BIND,
				 .source = xstrdup(source),
				 .target = xstrdup(target),
				 .flags = MS_NOSUID | MS_NODEV,
				 .recursive = true};
	return m;
}

struct spec_mount *add_tmpfs(struct scene *c, const char *target)
{
	struct spec_mount *m = spec_add_mount(&c->spec);

	*m = (struct spec_mount){.kind = MOUNT_TMPFS,
				 .target = xstrdup(target),
				 .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC,
				 .copy_up = true};
	return m;
}

void add_device(struct scene *c, const char *source, const char *target)
{
	struct spec_device *d = spec_add_device(&c->spec);

	d->source = xstrdup(source);
	d->target = xstrdup(target);
}
