/* SPDX-License-Identifier: Apache-2.0 */
/* What libFuzzer, and replay.c in its place, calls for each input. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Defined once by each NAME_fuzz.c. Returns 0; a bad input must neither crash nor leak. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
