/* SPDX-License-Identifier: Apache-2.0 */
/* Messages beside the result: the only global state is the level. Only cmd/ prints errors. */
#pragma once

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Accepts podman's names: trace debug info warn warning error fatal panic. -1: unknown. */
int log_level_parse(const char *name);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
/* A notice the user should see by default: "rlc: …". */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2), cold));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2), cold));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * A line that another process of rlc's, which may have been broken, wrote for the user: control
 * bytes are made visible, and what does not begin as such lines do gets "WHO: " in front.
 */
void log_relay(const char *who, const char *line);
