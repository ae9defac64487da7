/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and loads allow-lists; runs in rlc's helper processes. */
#include "lib/kernel/allow.h"

#include "lib/base/auto.h"
#include "lib/base/err.h"
#include "lib/base/sanitized.h"
#include "lib/kernel/argument.h"
#include "lib/kernel/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define NATIVE_ARCH AUDIT_ARCH_S390X
#else
#error "name this machine's AUDIT_ARCH_* here"
#endif

#define LOAD(at)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(at))
#define ANSWER(ret) BPF_STMT(BPF_RET | BPF_K, ret)
/* Goes on where equal, else `past` instructions further. */
#define MUST_BE(k, past) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(k), 0, past)

static size_t append(struct sock_filter *out, const struct sock_filter *insns, size_t n)
{
	memcpy(out, insns, n * sizeof(*insns));
	return n;
}

/* Goes `past` instructions further unless (argument & mask) == value; six instructions. */
static size_t compile_condition(uint8_t arg, uint64_t mask, uint64_t value, size_t past,
				struct sock_filter *out)
{
	const size_t at = offsetof(struct seccomp_data, args) + 8UL * arg;
	/* An argument is 64 bits wide and the machine 32: both halves count. */
	const struct sock_filter insns[] = {
	    LOAD(at + HIGH_HALF),
	    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (uint32_t)(mask >> 32)),
	    MUST_BE((value & mask) >> 32, (uint8_t)(past + 3)),
	    LOAD(at + LOW_HALF),
	    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (uint32_t)mask),
	    MUST_BE(value & mask, (uint8_t)past),
	};

	return append(out, insns, array_len(insns));
}

static size_t compile_row(const struct allow *row, struct sock_filter *out)
{
	const size_t conditions = (row->mask != 0) + (row->more.mask != 0);
	const struct sock_filter number =
	    MUST_BE(row->nr, (uint8_t)(conditions ? 6 * conditions + 2 : 1));
	const struct sock_filter allow = ANSWER(SECCOMP_RET_ALLOW);
	const struct sock_filter again = LOAD(offsetof(struct seccomp_data, nr));
	size_t n = append(out, &number, 1);

	if (row->mask)
		n += compile_condition(row->arg, row->mask, row->value, row->more.mask ? 7 : 1,
				       out + n);
	if (row->more.mask)
		n += compile_condition(row->more.arg, row->more.mask, row->more.value, 1, out + n);
	n += append(out + n, &allow, 1);
	return conditions ? n + append(out + n, &again, 1) : n;
}

size_t allow_compile(const struct allow *rows, size_t n, struct sock_filter *out)
{
	/* A process that came here by another ABI's entry would be judged by wrong numbers. */
	const struct sock_filter head[] = {
	    LOAD(offsetof(struct seccomp_data, arch)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
	    ANSWER(SECCOMP_RET_KILL_PROCESS),
	    LOAD(offsetof(struct seccomp_data, nr)),
	};
	const struct sock_filter otherwise = ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
	size_t used = append(out, head, array_len(head));

	for (size_t i = 0; i < n; i++)
		used += compile_row(&rows[i], out + used);
	return used + append(out + used, &otherwise, 1);
}

/* Everybody may end; and what a sanitizer's run time calls, in builds for tests only. */
static const struct allow common_rows[] = {
#ifdef SANITIZED
    {SYS_sigaltstack},
    {SYS_gettid},
    {SYS_futex},
    {SYS_mmap},
    {SYS_munmap},
    {SYS_mprotect},
    {SYS_madvise},
    {SYS_sched_yield},
    {SYS_rt_sigaction},
    {SYS_write, 0, UINT32_MAX, 2},
    {SYS_writev, 0, UINT32_MAX, 2},
    {SYS_getpid},
    {SYS_exit_group},
#else
    {SYS_exit_group},
#endif
};

int allow_load(const struct allow *rows, size_t n, struct err *e)
{
	struct allow all[ALLOW_ROWS_MAX];
	struct sock_filter insns[ALLOW_INSNS_MAX];
	const size_t more = array_len(common_rows);

	if (n + more > ALLOW_ROWS_MAX)
		return err_msg(e, "an allow-list has %zu rows, more than %d", n, ALLOW_ROWS_MAX);
	memcpy(all, rows, n * sizeof(*rows));
	memcpy(all + n, common_rows, sizeof(common_rows));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "set no_new_privs");
	return confine_filter(insns, allow_compile(all, n + more, insns), 0, e);
}
