/* SPDX-License-Identifier: Apache-2.0 */
/* Dockerfile-like changes of an image's configuration ("ENV K=V"), for rlc import. In rlc. */
#pragma once

struct err;
struct strv;

/*
 * The "config" member of an image's configuration as JSON (pure): CMD and ENTRYPOINT as a JSON list
 * or as a line for /bin/sh -c, ENV and LABEL K=V, USER, WORKDIR. changes may be NULL.
 */
int changes_to_json(const struct strv *changes, char **ret, struct err *e);
