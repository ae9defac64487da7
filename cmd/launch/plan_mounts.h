/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of a plan, in order: podman's defaults, --read-only, devices, the user's own. */
#pragma once
#include "cmd/launch/plan.h"

/* Appends every mount of the run to p; p's texts (hostname, files) are already decided. */
int plan_mounts(const struct spec *s, const struct plan_host *h, struct plan *p, struct err *e);
