/* SPDX-License-Identifier: Apache-2.0 */
/* A profile as other OCI runtimes read it. */
#pragma once
#include "seccomp/filter.h"

struct err;
struct json_object;

/*
 * The rules that filter_build() would compile for this request, as the runtime-spec's
 * linux.seccomp object (config-linux.md "Seccomp"): conditions decided, errno values as numbers,
 * names this machine does not have left out. Owned by the caller.
 */
int profile_to_oci(const struct filter_request *r, struct json_object **ret, struct err *e);
