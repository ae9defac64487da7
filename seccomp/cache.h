/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled programs in the run folder, so that a warm start never compiles. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct filter;

/*
 * key: everything that shapes the program, compared whole, so that no two keys can be taken for
 * each other. Fills insns, n and flags of *ret. False: not there, or anything odd about it
 * (owner, mode, size, format, checksum): then it is compiled and written anew.
 */
bool cache_load(int dirfd, const char *key, size_t key_len, struct filter *ret);
/* Failing costs the next start a compilation, nothing else: it is told at debug level. */
void cache_store(int dirfd, const char *key, size_t key_len, const struct filter *f);
