/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and columns as `images` and `ps` print them. */
#pragma once
#include "lib/base/strv.h"

#include <stddef.h>
#include <stdint.h>

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
