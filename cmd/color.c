/* SPDX-License-Identifier: Apache-2.0 */
/* When to colour (no-color.org: NO_COLOR counts when it is set and not empty). */
#include "cmd/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool color_wanted(int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}
