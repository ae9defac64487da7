/* SPDX-License-Identifier: Apache-2.0 */
/* Names of signals, as users and images write them; pure. */
#include "lib/kernel/signal_name.h"

#include "lib/base/auto.h"
#include "lib/base/str.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

/* Second names, which signal(7) lists and sigabbrev_np(3) does not know. */
static const struct {
	const char *name;
	int number;
} aliases[] = {{"CLD", SIGCHLD}, {"IO", SIGIO}, {"IOT", SIGABRT}};

static int real_time(const char *name)
{
	int64_t offset;

	if (strncasecmp(name, "RTMIN", 5) == 0) {
		if (name[5] == '\0')
			return SIGRTMIN;
		if (name[5] == '+' && str_to_i64(name + 6, 0, SIGRTMAX - SIGRTMIN, &offset))
			return SIGRTMIN + (int)offset;
	}
	if (strncasecmp(name, "RTMAX", 5) == 0) {
		if (name[5] == '\0')
			return SIGRTMAX;
		if (name[5] == '-' && str_to_i64(name + 6, 0, SIGRTMAX - SIGRTMIN, &offset))
			return SIGRTMAX - (int)offset;
	}
	return -1;
}

int signal_number(const char *name)
{
	int64_t number;

	if (str_to_i64(name, 1, SIGRTMAX, &number))
		return (int)number;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int i = 1; i < SIGRTMIN; i++) {
		const char *known = sigabbrev_np(i);

		if (known && strcasecmp(known, name) == 0)
			return i;
	}
	for (size_t i = 0; i < array_len(aliases); i++)
		if (strcasecmp(aliases[i].name, name) == 0)
			return aliases[i].number;
	return real_time(name);
}
