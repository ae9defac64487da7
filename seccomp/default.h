/* SPDX-License-Identifier: Apache-2.0 */
/* What embed.py makes of default.json at build time. */
#pragma once
#include <stddef.h>

extern const char default_profile[]; /* the text of default.json, NUL-ended */
extern const size_t default_profile_len;
/* SHA-256 (hex) over default.json and the sources that turn a profile into a program. */
extern const char default_identity[];
