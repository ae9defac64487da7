/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `rlc load` and `rlc import`: the caller opens the input, rlc-image unpacks it as root of the
 * user namespace in a process that sees only the store.
 */
#pragma once
#include "lib/base/strv.h"

struct err;
struct dirs;
struct id_map;

/*
 * source: a file (oci-archive or docker-archive tar, plain or gzip), "oci:DIR[:REF]",
 * "oci-archive:FILE[:REF]", "docker-archive:FILE[:REF]", or "-" for standard input.
 * Appends the full references (or ids) of what was loaded to *loaded.
 */
int load_images(const struct dirs *d, const struct id_map *map, const char *source,
		struct strv *loaded, struct err *e);
/*
 * A root-fs tar (plain, gzip or zstd) becomes a one-layer image. reference may be NULL. changes:
 * Dockerfile-like "CMD …", "ENTRYPOINT …", "ENV K=V", "USER …", "WORKDIR …", "LABEL K=V".
 * *ret_id: hex id, owned by the caller.
 */
int load_rootfs_tar(const struct dirs *d, const struct id_map *map, const char *path,
		    const char *reference, const struct strv *changes, char **ret_id,
		    struct err *e);
