/* SPDX-License-Identifier: Apache-2.0 */
/* profile_parse, and what is parsed through the compiler: no input may make a looser program. */
#include "seccomp/profile.h"

#include "lib/base/err.h"
#include "seccomp/compile.h"
#include "seccomp/emulate.h"
#include "seccomp/syscalls.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void check_program(const struct filter *f)
{
	struct seccomp_data x32 = {.nr = 0x40000000, .arch = SYSCALL_ARCH};
	struct seccomp_data foreign = {.nr = 1, .arch = ~(uint32_t)SYSCALL_ARCH};

	if (f->n == 0 || f->n > BPF_MAXINSNS ||
	    emulate_filter(f->insns, f->n, &x32) != (SECCOMP_RET_ERRNO | 38) ||
	    emulate_filter(f->insns, f->n, &foreign) != SECCOMP_RET_KILL_PROCESS)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct profile_host host = {
	    .arch = SYSCALL_ARCH_NAME, .caps = 0x800405fb, .kernel_version = 6 << 16 | 1};
	struct profile p = {0};
	struct filter f = {0};
	struct err e = {0};

	if (profile_parse((const char *)data, size, "input", &host, &p, &e) < 0) {
		if (!e.what[0] || p.rules)
			abort();
		return 0;
	}
	if (compile_profile(&p, "input", &f, &e) == 0)
		check_program(&f);
	else if (!e.what[0])
		abort();
	filter_free(&f);
	profile_free(&p);
	return 0;
}
