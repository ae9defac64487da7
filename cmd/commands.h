/* SPDX-License-Identifier: Apache-2.0 */
/* Every command's function and option table, for the one table that lists them. */
#pragma once

struct context;
struct err;
struct option_set;

/* argv[0] is the name. All return the exit status, or -1 with the error. */
int cmd_completion(struct context *c, int argc, char **argv, struct err *e);
int cmd_doctor(struct context *c, int argc, char **argv, struct err *e);
int cmd_finish(struct context *c, int argc, char **argv, struct err *e);
int cmd_note(struct context *c, int argc, char **argv, struct err *e);
int cmd_help(struct context *c, int argc, char **argv, struct err *e);
int cmd_group(struct context *c, int argc, char **argv, struct err *e);
int cmd_image_check(struct context *c, int argc, char **argv, struct err *e);
int cmd_image_prune(struct context *c, int argc, char **argv, struct err *e);
int cmd_info(struct context *c, int argc, char **argv, struct err *e);
int cmd_images(struct context *c, int argc, char **argv, struct err *e);
int cmd_import(struct context *c, int argc, char **argv, struct err *e);
int cmd_inspect(struct context *c, int argc, char **argv, struct err *e);
int cmd_kill(struct context *c, int argc, char **argv, struct err *e);
int cmd_load(struct context *c, int argc, char **argv, struct err *e);
int cmd_logs(struct context *c, int argc, char **argv, struct err *e);
int cmd_pause(struct context *c, int argc, char **argv, struct err *e);
int cmd_port(struct context *c, int argc, char **argv, struct err *e);
int cmd_ps(struct context *c, int argc, char **argv, struct err *e);
int cmd_pull(struct context *c, int argc, char **argv, struct err *e);
int cmd_rm(struct context *c, int argc, char **argv, struct err *e);
int cmd_rmi(struct context *c, int argc, char **argv, struct err *e);
int cmd_stats(struct context *c, int argc, char **argv, struct err *e);
int cmd_stop(struct context *c, int argc, char **argv, struct err *e);
int cmd_run(struct context *c, int argc, char **argv, struct err *e);
int cmd_tag(struct context *c, int argc, char **argv, struct err *e);
int cmd_unpause(struct context *c, int argc, char **argv, struct err *e);
int cmd_update(struct context *c, int argc, char **argv, struct err *e);
int cmd_version(struct context *c, int argc, char **argv, struct err *e);

extern const struct option_set no_options; /* of a command that has none */
extern const struct option_set completion_options;
extern const struct option_set doctor_options;
extern const struct option_set info_options;
extern const struct option_set finish_options;
extern const struct option_set note_options;
extern const struct option_set image_check_options;
extern const struct option_set image_prune_options;
extern const struct option_set images_options;
extern const struct option_set import_options;
extern const struct option_set inspect_options;
extern const struct option_set kill_options;
extern const struct option_set load_options;
extern const struct option_set logs_options;
extern const struct option_set pause_options;
extern const struct option_set port_options;
extern const struct option_set ps_options;
extern const struct option_set pull_options;
extern const struct option_set rm_options;
extern const struct option_set rmi_options;
extern const struct option_set stats_options;
extern const struct option_set stop_options;
extern const struct option_set tag_options;
extern const struct option_set unpause_options;
extern const struct option_set update_options;
extern const struct option_set version_options;
