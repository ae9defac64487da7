/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that are given back, and what must not change by it. */
#include "lib/base/auto.h"
#include "lib/kernel/shed.h"
#include "tests/unit/tap.h"

#include <stdint.h>
#include <string.h>

static int written = 1;
static const char constant[] = "what is read-only";

/* The third number of /proc/self/statm: resident pages of files. */
static long file_pages(void)
{
	auto_file FILE *f = fopen("/proc/self/statm", "re");
	long size, resident, shared = -1;

	if (!f || fscanf(f, "%ld %ld %ld", &size, &resident, &shared) != 3)
		return -1;
	return shared;
}

/* Far below the caller: the pages stay used until they are given back. */
static int __attribute__((noinline)) use_stack(void)
{
	volatile char deep[48 << 10];

	memset((void *)(uintptr_t)deep, 7, sizeof(deep));
	return deep[100];
}

int main(void)
{
	volatile int local = 42;
	auto_free char *heap = strdup("what is on the heap");
	long before;

	written = 2;
	ok(use_stack() == 7, "the stack was deep");
	before = file_pages();
	shed_pages();
	ok(file_pages() < before, "fewer pages of files: %ld, then %ld", before, file_pages());
	ok(written == 2 && local == 42 && strcmp(heap, "what is on the heap") == 0 &&
	       strcmp(constant, "what is read-only") == 0,
	   "data, stack, heap and constants are as they were");
	ok(use_stack() == 7, "and the stack may be deep again");
	return tap_end();
}
