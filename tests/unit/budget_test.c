/* SPDX-License-Identifier: Apache-2.0 */
/* The memory budget of rlc-net. */
#include "net/budget.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/unit/tap.h"

#include <string.h>
#include <sys/mman.h>

static const struct {
	const char *text;
	uint64_t pages;
} cases[] = {
    {"4711 815 3 1 0 5 0\n", 815},
    {"4711 815", 815},
    {"1 0 0", 0},
    {"", 0},
    {"12", 0},
    {"12 ", 0},
    {"a b", 0},
    {"1 99999999999999999999999", 9999999999},
};

/* Until it has looked. */
static int look(struct budget *b, struct err *e)
{
	int result = 0;

	for (int i = 0; i < 20 && result == 0 && !b->full; i++)
		result = budget_look(b, e);
	return result;
}

int main(void)
{
	enum { MORE = 64 << 20 };
	struct budget b;
	struct err e = {0};
	char *memory;

	for (size_t i = 0; i < array_len(cases); i++)
		ok(budget_parse(cases[i].text, strlen(cases[i].text)) == cases[i].pages,
		   "\"%.12s\"", cases[i].text);
	ok(budget_open(&b, UINT64_MAX, &e) == 0, "opened: %s", e.what);
	ok(budget_look(&b, &e) == 0 && !b.full, "everything is allowed");
	b.bytes = 2 * MORE;
	/* Not by malloc(3), which may be told to touch it. */
	memory = mmap(NULL, 3 * MORE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(look(&b, &e) == 0 && !b.full, "untouched memory is none");
	memset(memory, 1, MORE);
	ok(look(&b, &e) == 0 && b.full, "beyond half of it: full");
	b.bytes = UINT64_MAX;
	ok(budget_look(&b, &e) == 0 && !b.full, "room again is seen at once");
	b.bytes = 2 * MORE;
	memset(memory, 1, 3 * MORE - 1);
	ok(look(&b, &e) < 0 && strstr(e.what, " MiB for the container's connections") &&
	       memory[MORE] == 1,
	   "beyond all of it: the end: %s", e.what);
	return tap_end();
}
