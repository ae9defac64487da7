/* SPDX-License-Identifier: Apache-2.0 */
/* The files of one container's folder: for record*.c only, everybody else loads the record. */
#pragma once
#include "lib/state/record.h"

/* "no container with id …": exit 1. */
int record_not_there(const char *id, struct err *e);
/* DATA/containers/ID, for ...at calls. Not there: exit 1. */
int record_open(const struct dirs *d, const char *id, struct err *e);
/*
 * The text of a file, owned by the caller. *ret NULL: there is no such file, or the empty one that
 * power loss makes of an unsynced file.
 */
int record_read_file(const struct dirs *d, int folder, const char *id, const char *name, char **ret,
		     size_t *ret_len, struct err *e);
/* 1: read; 0: there is none. */
int record_read(const struct dirs *d, int folder, const char *id, struct record *ret,
		struct err *e);
/* No file yet: "created". */
int record_read_state(const struct dirs *d, int folder, const char *id, struct record_state *ret,
		      struct err *e);
