/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A warm start never calls libseccomp: the whole of it that rlc uses is replaced here by one that
 * counts. (Defined in the program, these come before those of the library.)
 */
#include "seccomp/filter.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>

static int calls;
static int context;

scmp_filter_ctx seccomp_init(uint32_t action)
{
	(void)action;
	calls++;
	return &context;
}

void seccomp_release(scmp_filter_ctx ctx)
{
	(void)ctx;
	calls++;
}

int seccomp_attr_set(scmp_filter_ctx ctx, enum scmp_filter_attr attr, uint32_t value)
{
	(void)ctx;
	(void)attr;
	(void)value;
	return calls++ < 0;
}

int seccomp_rule_add(scmp_filter_ctx ctx, uint32_t action, int number, unsigned int n, ...)
{
	(void)ctx;
	(void)action;
	(void)number;
	(void)n;
	return calls++ < 0;
}

int seccomp_syscall_resolve_name(const char *name)
{
	(void)name;
	calls++;
	return __NR_SCMP_ERROR;
}

/* Lets everything through, so that the init could start. */
int seccomp_export_bpf(const scmp_filter_ctx ctx, int fd)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	(void)ctx;
	calls++;
	return write(fd, &allow, sizeof(allow)) == sizeof(allow) ? 0 : -EIO;
}

int main(void)
{
	char folder[] = "/tmp/seccomp-warm-XXXXXX";
	const struct filter_request r = {.caps = 0x800405fb};
	struct filter cold = {0}, warm = {0};
	struct err e = {0};
	int dir, before;

	if (!mkdtemp(folder))
		return 1;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(filter_build(&r, dir, &cold, &e) == 0, "a cold start: %s", e.what);
	ok(calls > 0, "calls libseccomp %d times", calls);
	before = calls;
	ok(filter_build(&r, dir, &warm, &e) == 0, "a warm start: %s", e.what);
	ok(calls == before, "calls it %d times", calls - before);
	ok(warm.n == cold.n && memcmp(warm.insns, cold.insns, cold.n * sizeof(*cold.insns)) == 0,
	   "with the same program");
	filter_free(&cold);
	filter_free(&warm);
	close(dir);
	file_remove_tree(AT_FDCWD, folder, &e);
	return tap_end();
}
