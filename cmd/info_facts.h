/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of `rlc info`, one object for each subject. */
#pragma once

struct check_host;
struct json_object;

/* Looks at the host and tries what has to be tried. h->facts and h->dirs are filled in. */
struct json_object *info_collect(struct check_host *h);
