/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as an OCI runtime-spec config.json (version 1.0.2). What that format has no word for
 * stands in annotations org.rlc.*.
 */
#pragma once

struct err;
struct json_object;
struct plan;

/*
 * `rlc run --dry-run=oci`: a config.json that another runtime runs as the same user. It stands
 * alone: seccomp rules are spelled out, user names are numbers (looked up in the root's passwd and
 * group), the texts of generated files are annotations org.rlc.file.NAME.
 * root.path is the folder of --rootfs, or "rootfs" in the bundle, to be made of the layers that
 * annotation org.rlc.layers names, lowest first. Owned by the caller; NULL with the error.
 */
char *plan_to_oci_full(const struct plan *p, struct err *e);

/* The parts that are mounts: "mounts" of root, "maskedPaths" and "readonlyPaths" of linux. */
void plan_oci_mounts(const struct plan *p, struct json_object *root,
		     struct json_object *linux_part);
