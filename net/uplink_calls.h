/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls rlc-net may make once it is caged: those of uplink_serve() and libslirp. */
#pragma once
#include "lib/kernel/allow.h"

extern const struct allow uplink_calls[];
extern const size_t n_uplink_calls;
