/* SPDX-License-Identifier: Apache-2.0 */
/* Writes BPF for conditions on system call arguments; pure, in the host process. */
#include "seccomp/assemble.h"

#include "lib/base/alloc.h"
#include "lib/base/auto.h"
#include "lib/kernel/argument.h"
#include "seccomp/syscalls.h"

#include <linux/seccomp.h>

/* A jump target not known yet: behind the clause. No clause is long enough to mean it. */
#define FAIL 255

#define LOAD(arg, half)                                                                            \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                                         \
		 (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (arg) + (half)))

void code_free(struct code *c)
{
	free(c->insns);
	*c = (struct code){0};
}

void code_append(struct code *c, const struct sock_filter *insns, size_t n)
{
	if (c->n + n > c->room) {
		c->room = 2 * (c->n + n);
		c->insns = xreallocarray(c->insns, c->room, sizeof(*insns));
	}
	memcpy(c->insns + c->n, insns, n * sizeof(*insns));
	c->n += n;
}

void code_head(struct code *c, uint32_t last)
{
	const struct sock_filter head[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYSCALL_ARCH, 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	code_append(c, head, array_len(head));
}

/*
 * Comparisons of a 64-bit register in halves: fall through when it holds, FAIL otherwise. The
 * high half decides unless it is equal.
 */
static void compare(struct code *c, const struct scmp_arg_cmp *arg)
{
	const uint32_t high = (uint32_t)(arg->datum_a >> 32), low = (uint32_t)arg->datum_a;
	const uint16_t jeq = BPF_JMP | BPF_JEQ | BPF_K, jgt = BPF_JMP | BPF_JGT | BPF_K,
		       jge = BPF_JMP | BPF_JGE | BPF_K;
	const bool strict = arg->op == SCMP_CMP_GT || arg->op == SCMP_CMP_LE;
	const struct sock_filter equal[] = {
	    LOAD(arg->arg, HIGH_HALF),
	    {jeq, 0, FAIL, high},
	    LOAD(arg->arg, LOW_HALF),
	    {jeq, 0, FAIL, low},
	};
	const struct sock_filter differ[] = {
	    LOAD(arg->arg, HIGH_HALF),
	    {jeq, 0, 2, high},
	    LOAD(arg->arg, LOW_HALF),
	    {jeq, FAIL, 0, low},
	};
	/* GT and GE; LE and LT are their opposites. */
	const struct sock_filter above[] = {
	    LOAD(arg->arg, HIGH_HALF),
	    {jgt, 3, 0, high},
	    {jeq, 0, FAIL, high},
	    LOAD(arg->arg, LOW_HALF),
	    {strict ? jgt : jge, 0, FAIL, low},
	};
	const struct sock_filter below[] = {
	    LOAD(arg->arg, HIGH_HALF),
	    {jgt, FAIL, 0, high},
	    {jeq, 0, 2, high},
	    LOAD(arg->arg, LOW_HALF),
	    {strict ? jgt : jge, FAIL, 0, low},
	};

	if (arg->op == SCMP_CMP_EQ)
		code_append(c, equal, array_len(equal));
	else if (arg->op == SCMP_CMP_NE)
		code_append(c, differ, array_len(differ));
	else if (arg->op == SCMP_CMP_GT || arg->op == SCMP_CMP_GE)
		code_append(c, above, array_len(above));
	else
		code_append(c, below, array_len(below));
}

/* seccomp_rule_add(3): the masked argument equals the masked datum. */
static void compare_masked(struct code *c, const struct scmp_arg_cmp *arg)
{
	const uint64_t mask = arg->datum_a, datum = arg->datum_b & arg->datum_a;
	const struct sock_filter masked[] = {
	    LOAD(arg->arg, HIGH_HALF),
	    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (uint32_t)(mask >> 32)),
	    {BPF_JMP | BPF_JEQ | BPF_K, 0, FAIL, (uint32_t)(datum >> 32)},
	    LOAD(arg->arg, LOW_HALF),
	    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (uint32_t)mask),
	    {BPF_JMP | BPF_JEQ | BPF_K, 0, FAIL, (uint32_t)datum},
	};

	code_append(c, masked, array_len(masked));
}

static void code_clause(struct code *c, const struct clause *clause)
{
	const struct sock_filter answer = BPF_STMT(BPF_RET | BPF_K, clause->action);
	size_t start = c->n;

	for (size_t i = 0; i < clause->n_args; i++) {
		if (clause->args[i].op == SCMP_CMP_MASKED_EQ)
			compare_masked(c, &clause->args[i]);
		else
			compare(c, &clause->args[i]);
	}
	code_append(c, &answer, 1);
	for (size_t i = start; i < c->n; i++) {
		uint8_t behind = (uint8_t)(c->n - i - 1);

		if (BPF_CLASS(c->insns[i].code) != BPF_JMP)
			continue;
		if (c->insns[i].jt == FAIL)
			c->insns[i].jt = behind;
		if (c->insns[i].jf == FAIL)
			c->insns[i].jf = behind;
	}
}

void code_call(struct code *c, int number, const struct clause *clauses, size_t n,
	       uint32_t otherwise)
{
	/* Two instructions: a conditional jump reaches 255 at most. */
	const struct sock_filter enter[] = {
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 1, 0),
	    BPF_STMT(BPF_JMP | BPF_JA, 0),
	};
	const struct sock_filter leave = BPF_STMT(BPF_RET | BPF_K, otherwise);
	size_t start;

	code_append(c, enter, array_len(enter));
	start = c->n;
	for (size_t i = 0; i < n; i++)
		code_clause(c, &clauses[i]);
	code_append(c, &leave, 1);
	c->insns[start - 1].k = (uint32_t)(c->n - start);
}
