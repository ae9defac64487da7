/* SPDX-License-Identifier: Apache-2.0 */
/* Where rlc's own helper programs are: one for each privilege domain, beside each other. */
#pragma once

struct err;

/* The path of that program, owned by the caller. RLC_LIBEXEC (for tests) names another folder. */
char *libexec_path(const char *name);
/* An O_PATH descriptor of it to execute, or -1: the error says how to get it. */
int libexec_open(const char *name, struct err *e);
