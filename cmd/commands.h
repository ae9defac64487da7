/* SPDX-License-Identifier: Apache-2.0 */
/* Every command's function and option table, for the one table that lists them. */
#pragma once

struct context;
struct err;
struct option_set;

int cmd_doctor(struct context *c, int argc, char **argv, struct err *e);
int cmd_help(struct context *c, int argc, char **argv, struct err *e);
int cmd_info(struct context *c, int argc, char **argv, struct err *e);
int cmd_version(struct context *c, int argc, char **argv, struct err *e);

extern const struct option_set no_options; /* of a command that has none */
extern const struct option_set doctor_options;
extern const struct option_set info_options;
extern const struct option_set version_options;
