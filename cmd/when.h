/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as people type them. */
#pragma once
#include <stdint.h>

struct err;

/*
 * "10m", "1h30m" (so long before now), RFC 3339 ("2026-01-01T00:00:00Z", with a blank instead of T,
 * cut off after the date or without a zone: then local time), or seconds since 1970 with up to nine
 * decimals. Pure but for the zone; fuzzed. *ret in nanoseconds since 1970.
 */
int when_parse(const char *text, int64_t now_ns, int64_t *ret_ns, struct err *e);
