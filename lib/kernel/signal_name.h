/* SPDX-License-Identifier: Apache-2.0 */
/* Signals by name. */
#pragma once

/* "TERM", "SIGTERM", "15", "RTMIN+3" (any case) → number, or -1. */
int signal_number(const char *name);
