/* SPDX-License-Identifier: Apache-2.0 */
/* An interpreter of seccomp's classic BPF: rlc asks a program before it trusts it, and tests do. */
#include "seccomp/emulate.h"

#include <stdbool.h>
#include <string.h>

struct machine {
	uint32_t a, x, mem[BPF_MEMWORDS];
};

/* False: the kernel's checker would not take it (kernel/seccomp.c, seccomp_check_filter). */
static bool load(struct machine *m, const struct sock_filter *i, const struct seccomp_data *data)
{
	uint32_t *to = BPF_CLASS(i->code) == BPF_LD ? &m->a : &m->x;

	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (i->k % 4 || i->k > sizeof(*data) - 4)
			return false;
		memcpy(to, (const char *)data + i->k, 4);
		return true;
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
		*to = sizeof(*data);
		return true;
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
		*to = i->k;
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
		if (i->k >= BPF_MEMWORDS)
			return false;
		*to = m->mem[i->k];
		return true;
	default:
		return false;
	}
}

static bool compute(struct machine *m, const struct sock_filter *i)
{
	uint32_t by = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		m->a += by;
		return true;
	case BPF_SUB:
		m->a -= by;
		return true;
	case BPF_MUL:
		m->a *= by;
		return true;
	case BPF_DIV:
		/* By a zero X the kernel ends the program with 0, which is KILL_THREAD. */
		if (by == 0)
			return false;
		m->a /= by;
		return true;
	case BPF_AND:
		m->a &= by;
		return true;
	case BPF_OR:
		m->a |= by;
		return true;
	case BPF_XOR:
		m->a ^= by;
		return true;
	case BPF_LSH:
		m->a <<= by & 31;
		return true;
	case BPF_RSH:
		m->a >>= by & 31;
		return true;
	case BPF_NEG:
		m->a = -m->a;
		return true;
	default:
		return false;
	}
}

/* How many instructions to step over, or -1. */
static int64_t jump(const struct machine *m, const struct sock_filter *i)
{
	uint32_t with = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_JA:
		return i->k;
	case BPF_JEQ:
		return m->a == with ? i->jt : i->jf;
	case BPF_JGT:
		return m->a > with ? i->jt : i->jf;
	case BPF_JGE:
		return m->a >= with ? i->jt : i->jf;
	case BPF_JSET:
		return m->a & with ? i->jt : i->jf;
	default:
		return -1;
	}
}

static bool step(struct machine *m, const struct sock_filter *i, const struct seccomp_data *data)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
	case BPF_LDX:
		return load(m, i, data);
	case BPF_ST:
	case BPF_STX:
		if (i->k >= BPF_MEMWORDS)
			return false;
		m->mem[i->k] = BPF_CLASS(i->code) == BPF_ST ? m->a : m->x;
		return true;
	case BPF_ALU:
		return compute(m, i);
	case BPF_MISC:
		if (BPF_MISCOP(i->code) == BPF_TAX)
			m->x = m->a;
		else
			m->a = m->x;
		return true;
	default:
		return false;
	}
}

uint32_t emulate_filter(const struct sock_filter *insns, size_t n, const struct seccomp_data *data)
{
	struct machine m = {0};

	/* Jumps only go forward: this ends after at most n steps, or behind the end. */
	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &insns[pc];
		int64_t over;

		if (BPF_CLASS(i->code) == BPF_RET)
			return BPF_RVAL(i->code) == BPF_A ? m.a : i->k;
		if (BPF_CLASS(i->code) == BPF_JMP) {
			over = jump(&m, i);
			if (over < 0)
				break;
			pc += (size_t)over;
		} else if (!step(&m, i, data)) {
			break;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}
