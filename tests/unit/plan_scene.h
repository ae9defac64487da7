/* SPDX-License-Identifier: Apache-2.0 */
/* One fixed request, image and host, which the tests of plans change. */
#pragma once
#include "cmd/launch/plan.h"
#include "storage/store.h"

struct scene {
	struct spec spec;
	struct image image;
	struct plan_host host;
	bool no_image;
};

extern const char scene_id[];

/* Image "web" of two layers, run by ann with subordinate ids, no control groups to divide. */
void scene_begin(struct scene *c);
void scene_end(struct scene *c);
/* plan_build() of it. */
int scene_plan(struct scene *c, struct plan *p, struct err *e);
/* Replaces a list by the words of a text. */
void set_list(struct strv *list, const char *words);
/* As -v, --tmpfs and --device give them to the plan. */
struct spec_mount *add_bind(struct scene *c, const char *source, const char *target);
struct spec_mount *add_tmpfs(struct scene *c, const char *target);
void add_device(struct scene *c, const char *source, const char *target);
