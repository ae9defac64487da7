/* SPDX-License-Identifier: Apache-2.0 */
/* Allow-lists: what the program answers, over all numbers. */
#include "lib/base/auto.h"
#include "lib/kernel/allow.h"
#include "seccomp/emulate.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define REFUSED (SECCOMP_RET_ERRNO | ENOSYS)

static const struct allow rows[] = {
    {SYS_read},
    {SYS_socket, 0, UINT64_MAX, AF_INET},
    {SYS_socket, 0, UINT64_MAX, AF_INET6},
    {SYS_fcntl, 1, 0xf0, 0x30},
    {SYS_bind, 0, 0xf, 1, {1, UINT64_MAX, 1ULL << 40 | 2}},
    {SYS_bind, 0, 0xf, 3, {1, UINT64_MAX, 4}},
    {SYS_exit_group},
};
static struct sock_filter program[ALLOW_INSNS_MAX];
static size_t n;

static uint32_t native(void)
{
#if defined(__x86_64__)
	return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
	return AUDIT_ARCH_AARCH64;
#else
	return program[1].k;
#endif
}

static uint32_t answer(int nr, uint32_t arch, uint64_t first, uint64_t second)
{
	const struct seccomp_data d = {.nr = nr, .arch = arch, .args = {first, second}};

	return emulate_filter(program, n, &d);
}

static void test_numbers(void)
{
	bool good = true;

	for (int nr = -1; nr < 600; nr++) {
		const bool listed = nr == SYS_read || nr == SYS_exit_group;

		if (nr == SYS_socket || nr == SYS_fcntl || nr == SYS_bind)
			continue;
		good = good && answer(nr, native(), 0, 0) == (listed ? SECCOMP_RET_ALLOW : REFUSED);
	}
	ok(answer(SYS_bind, native(), 0x11, 1ULL << 40 | 2) == SECCOMP_RET_ALLOW &&
	       answer(SYS_bind, native(), 3, 4) == SECCOMP_RET_ALLOW,
	   "two arguments fit");
	ok(answer(SYS_bind, native(), 1, 2) == REFUSED &&
	       answer(SYS_bind, native(), 2, 1ULL << 40 | 2) == REFUSED &&
	       answer(SYS_bind, native(), 1, 4) == REFUSED &&
	       answer(SYS_bind, native(), 3, 1ULL << 40 | 2) == REFUSED,
	   "one of two does not do, nor one of each row");
	ok(good, "listed numbers pass, all others do not exist");
	ok(answer(0x40000000 | SYS_read, native(), 0, 0) == REFUSED, "nor do x32's");
	ok(answer(SYS_read, native() ^ 1, 0, 0) == SECCOMP_RET_KILL_PROCESS,
	   "another ABI ends the process");
}

static void test_arguments(void)
{
	ok(answer(SYS_socket, native(), AF_INET, 1) == SECCOMP_RET_ALLOW &&
	       answer(SYS_socket, native(), AF_INET6, 1) == SECCOMP_RET_ALLOW,
	   "each alternative passes");
	ok(answer(SYS_socket, native(), AF_UNIX, 1) == REFUSED, "another value does not");
	ok(answer(SYS_socket, native(), AF_INET | 1ULL << 32, 1) == REFUSED,
	   "the high half counts");
	ok(answer(SYS_fcntl, native(), 9, 0xf3f) == SECCOMP_RET_ALLOW &&
	       answer(SYS_fcntl, native(), 9, 0x2f) == REFUSED,
	   "a mask hides what it does not name");
	ok(answer(SYS_exit_group, native(), AF_UNIX, 1) == SECCOMP_RET_ALLOW,
	   "a row behind conditions is reached");
}

int main(void)
{
	struct allow many[ALLOW_ROWS_MAX];

	n = allow_compile(rows, array_len(rows), program);
	test_numbers();
	test_arguments();
	for (size_t i = 0; i < array_len(many); i++)
		many[i] = (struct allow){(int)i, 1, 1, 1};
	ok(allow_compile(many, array_len(many), program) <= ALLOW_INSNS_MAX,
	   "the longest list fits");
	return tap_end();
}
