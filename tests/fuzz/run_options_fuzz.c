/* SPDX-License-Identifier: Apache-2.0 */
/* run_request_parse: the words of a command line are the lines of the input. */
#include "cmd/run_options.h"
#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "tests/fuzz/fuzz.h"

/* What the plan relies on, whatever was typed. */
static void check(const struct spec *s)
{
	if (!s->image == !s->rootfs || (s->rootfs && s->rootfs[0] != '/'))
		abort();
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct spec_mount *m = &s->mounts[i];

		if (!m->target || m->target[0] != '/' || !m->target[1] || strstr(m->target, "/../"))
			abort();
		if (m->kind == MOUNT_BIND ? !m->source || m->source[0] != '/' || m->data
					  : !!m->source)
			abort();
		if (m->flags & m->clear)
			abort();
	}
	for (size_t i = 0; i < s->n_devices; i++)
		if (s->devices[i].source[0] != '/' || s->devices[i].target[0] != '/')
			abort();
	for (size_t i = 0; i < s->env.n; i++)
		if (s->env.v[i][0] == '=' || !strchr(s->env.v[i], '='))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *environment[] = {(char[]){"HOME=/home/kim"}, (char[]){"=C:=x"}, NULL};
	struct run_request r = {.cwd = "/here", .environment = environment};
	auto_free char *text = xstrndup((const char *)data, size);
	auto_strv struct strv argv = {0};
	struct err e = {0};

	strv_add(&argv, "run");
	strv_split(&argv, text, "\n");
	for (size_t i = 0; i < argv.n; i++)
		if (strstr(argv.v[i], "env-file"))
			return 0; /* would open files of the host */
	spec_init(&r.spec);
	if (run_request_parse(&r, NULL, (int)argv.n, argv.v, &e) < 0) {
		if (!e.what[0])
			abort();
	} else {
		check(&r.spec);
	}
	run_request_free(&r);
	return 0;
}
