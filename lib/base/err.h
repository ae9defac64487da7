/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Exit status of the launcher itself, as podman has it. */
enum exit_class { EXIT_LAUNCHER = 125, EXIT_NOEXEC = 126, EXIT_NOTFOUND = 127 };

/*
 * What failed, why and what to do next. Plain bytes without pointers and smaller than PIPE_BUF:
 * one write(2) carries it from a child process to the host.
 */
struct err {
	int sys;	 /* errno at the origin, or 0 */
	int exit;	 /* enum exit_class */
	char what[1200]; /* what was tried, on which path or id */
	char hint[800];	 /* the next step, or "" */
};

/* All return -1, so that a caller can `return err_…(e, …)`. */

/* Starts an error and keeps errno of the failed call. */
int err_sys(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));
/* Starts an error that the kernel did not give. */
int err_msg(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));
/* Prefixes "CONTEXT: " to an error, only where the caller knows more. */
int err_ctx(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));
/* Sets the next step. */
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3), cold));
/* Sets the exit status (enum exit_class). */
int err_exit(struct err *e, int status) __attribute__((cold));
