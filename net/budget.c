/* SPDX-License-Identifier: Apache-2.0 */
/* Watches the memory of rlc-net, in which it runs. */
#include "net/budget.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"

#include <fcntl.h>

/* A turn of the loop takes in some megabytes at most. */
enum { TURNS_A_LOOK = 16 };

int budget_open(struct budget *b, uint64_t bytes, struct err *e)
{
	*b = (struct budget){.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC),
			     .bytes = bytes};
	return b->statm < 0 ? err_sys(e, "open /proc/self/statm") : 0;
}

uint64_t budget_parse(const char *text, size_t n)
{
	uint64_t pages = 0;
	size_t i = 0;

	while (i < n && text[i] != ' ')
		i++;
	for (i++; i < n && text[i] >= '0' && text[i] <= '9' && pages < UINT32_MAX; i++)
		pages = 10 * pages + (uint64_t)(text[i] - '0');
	return pages;
}

int budget_look(struct budget *b, struct err *e)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t held;
	char text[128];
	ssize_t n;

	if (!b->full && b->turns++ % TURNS_A_LOOK)
		return 0;
	n = pread(b->statm, text, sizeof(text), 0);
	held = n > 0 ? budget_parse(text, (size_t)n) * page : 0;
	b->full = held > b->bytes / 2;
	if (held <= b->bytes)
		return 0;
	return err_msg(e, "it held %llu MiB for the container's connections, which is too much",
		       (unsigned long long)(held >> 20));
}
