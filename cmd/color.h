/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/* Whether text on fd may be coloured: a terminal, not a dumb one, and NO_COLOR not set. */
bool color_wanted(int fd);
