/* SPDX-License-Identifier: Apache-2.0 */
/* portmap_parse: what it takes is written as text that it takes again, to the same. */
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "net/portmap.h"
#include "tests/fuzz/fuzz.h"

static void check_again(const struct portmap *m)
{
	auto_portmaps struct portmaps again = {0};
	auto_free char *text = portmap_format(m);
	struct err e;

	if (!m->container || portmap_parse(text, &again, &e) < 0 || again.n != 1 ||
	    memcmp(&again.v[0], m, sizeof(*m)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	auto_portmaps struct portmaps list = {0}, exposed = {0};
	auto_free char *shown = NULL;
	struct err e = {0};

	if (portmap_parse(text, &list, &e) < 0 && (!e.what[0] || !e.hint[0] || list.n))
		abort();
	for (size_t i = 0; i < list.n; i++)
		check_again(&list.v[i]);
	(void)portmap_check(&list, &e);
	shown = portmap_list(&list);
	if (portmap_parse_exposed(text, &exposed, &e) == 0)
		portmap_add_exposed(&exposed, &list);
	if (list.n > PORTMAP_MAX)
		abort();
	return 0;
}
