/* SPDX-License-Identifier: Apache-2.0 */
/* Where rlc's own helper programs are: one for each privilege domain, beside each other. */
#pragma once

struct err;

/* Their folder. RLC_LIBEXEC (for tests) names another one. */
const char *libexec_folder(void);
/* The path of that program, owned by the caller. */
char *libexec_path(const char *name);
/* An O_PATH descriptor of it to execute, or -1: the error says how to get it. */
int libexec_open(const char *name, struct err *e);
