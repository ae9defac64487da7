/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and columns as `images` and `ps` print them. */
#pragma once
#include "lib/base/strv.h"

#include <stddef.h>
#include <stdint.h>

struct err;
struct option_row;
struct str;

struct table {
	size_t columns;
	struct strv cells; /* row after row */
};

#define auto_table __attribute__((cleanup(table_free)))

/* Appends a cell; control bytes are made visible. NULL: "". */
void table_add(struct table *t, const char *cell);
/* Adds the text of the table: columns as wide as their widest cell and three blanks apart. */
void table_format(const struct table *t, struct str *to);
/* table_format() to standard output. */
void table_print(const struct table *t);
void table_free(struct table *t);

/* "3 minutes", "About an hour", "2 weeks": how podman words a time span. Owned by the caller. */
char *table_span(int64_t seconds);

/*
 * --format of commands that print a table or JSON: a setter of option rows, whose bool
 * (option_at()) becomes whether it is JSON. Anything else is an error with the next step.
 */
int table_set_format(const struct option_row *row, void *to, const char *value, struct err *e);
