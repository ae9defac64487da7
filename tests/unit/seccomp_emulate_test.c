/* SPDX-License-Identifier: Apache-2.0 */
/* emulate_filter: each instruction that seccomp allows, and what the kernel would not load. */
#include "seccomp/emulate.h"

#include "lib/base/auto.h"
#include "tests/unit/tap.h"

#define RET_K(k)	   BPF_STMT(BPF_RET | BPF_K, k)
#define RET_A		   BPF_STMT(BPF_RET | BPF_A, 0)
#define LD_IMM(k)	   BPF_STMT(BPF_LD | BPF_IMM, k)
#define LDX_IMM(k)	   BPF_STMT(BPF_LDX | BPF_IMM, k)
#define LD_ABS(k)	   BPF_STMT(BPF_LD | BPF_W | BPF_ABS, k)
#define ALU_K(op, k)	   BPF_STMT(BPF_ALU | (op) | BPF_K, k)
#define ALU_X(op)	   BPF_STMT(BPF_ALU | (op) | BPF_X, 0)
#define JMP_K(op, k, t, f) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, t, f)
#define JMP_X(op, t, f)	   BPF_JUMP(BPF_JMP | (op) | BPF_X, 0, t, f)

#define BAD SECCOMP_RET_KILL_PROCESS

static const struct {
	const char *name;
	uint32_t want;
	struct sock_filter insns[6];
	size_t n;
} cases[] = {
    {"return a constant", 7, {RET_K(7)}, 1},
    {"load the number", 300, {LD_ABS(0), RET_A}, 2},
    {"load the architecture", 0xc000003e, {LD_ABS(4), RET_A}, 2},
    {"load the last half of the last argument", 0x66, {LD_ABS(60), RET_A}, 2},
    {"load behind the data", BAD, {LD_ABS(64), RET_A}, 2},
    {"load far behind the data", BAD, {LD_ABS(0xfffffffc), RET_A}, 2},
    {"load unaligned", BAD, {LD_ABS(2), RET_A}, 2},
    {"load a byte", BAD, {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RET_A}, 2},
    {"load the length", 64, {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), RET_A}, 2},
    {"load the length into X",
     64,
     {BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0), RET_A},
     3},
    {"A to X and back",
     5,
     {LD_IMM(5), BPF_STMT(BPF_MISC | BPF_TAX, 0), LD_IMM(1), BPF_STMT(BPF_MISC | BPF_TXA, 0),
      RET_A},
     5},
    {"memory",
     9,
     {LD_IMM(9), BPF_STMT(BPF_ST, 15), LD_IMM(1), BPF_STMT(BPF_LD | BPF_MEM, 15), RET_A},
     5},
    {"memory through X",
     9,
     {LDX_IMM(9), BPF_STMT(BPF_STX, 3), BPF_STMT(BPF_LD | BPF_MEM, 3), RET_A},
     4},
    {"store behind the memory", BAD, {BPF_STMT(BPF_ST, 16), RET_K(1)}, 2},
    {"load behind the memory", BAD, {BPF_STMT(BPF_LD | BPF_MEM, 16), RET_K(1)}, 2},
    {"add", 12, {LD_IMM(7), ALU_K(BPF_ADD, 5), RET_A}, 3},
    {"subtract X", 2, {LD_IMM(7), LDX_IMM(5), ALU_X(BPF_SUB), RET_A}, 4},
    {"multiply", 35, {LD_IMM(7), ALU_K(BPF_MUL, 5), RET_A}, 3},
    {"divide", 3, {LD_IMM(7), ALU_K(BPF_DIV, 2), RET_A}, 3},
    {"divide by zero", BAD, {LD_IMM(7), LDX_IMM(0), ALU_X(BPF_DIV), RET_A}, 4},
    {"and", 4, {LD_IMM(12), ALU_K(BPF_AND, 6), RET_A}, 3},
    {"or", 14, {LD_IMM(12), ALU_K(BPF_OR, 6), RET_A}, 3},
    {"xor", 10, {LD_IMM(12), ALU_K(BPF_XOR, 6), RET_A}, 3},
    {"shift left", 48, {LD_IMM(12), ALU_K(BPF_LSH, 2), RET_A}, 3},
    {"shift right", 3, {LD_IMM(12), ALU_K(BPF_RSH, 2), RET_A}, 3},
    {"negate", 0xffffffff, {LD_IMM(1), BPF_STMT(BPF_ALU | BPF_NEG, 0), RET_A}, 3},
    {"modulo is not for seccomp", BAD, {LD_IMM(7), ALU_K(BPF_MOD, 2), RET_A}, 3},
    {"jump always", 2, {BPF_STMT(BPF_JMP | BPF_JA, 1), RET_K(1), RET_K(2)}, 3},
    {"equal", 1, {LD_IMM(5), JMP_K(BPF_JEQ, 5, 0, 1), RET_K(1), RET_K(2)}, 4},
    {"not equal", 2, {LD_IMM(5), JMP_K(BPF_JEQ, 6, 0, 1), RET_K(1), RET_K(2)}, 4},
    {"greater, unsigned", 1, {LD_IMM(0xffffffff), JMP_K(BPF_JGT, 5, 0, 1), RET_K(1), RET_K(2)}, 4},
    {"not greater than itself", 2, {LD_IMM(5), JMP_K(BPF_JGT, 5, 0, 1), RET_K(1), RET_K(2)}, 4},
    {"at least itself", 1, {LD_IMM(5), JMP_K(BPF_JGE, 5, 0, 1), RET_K(1), RET_K(2)}, 4},
    {"not at least more", 2, {LD_IMM(5), JMP_K(BPF_JGE, 6, 0, 1), RET_K(1), RET_K(2)}, 4},
    {"a bit set", 1, {LD_IMM(5), JMP_K(BPF_JSET, 4, 0, 1), RET_K(1), RET_K(2)}, 4},
    {"no bit set", 2, {LD_IMM(5), JMP_K(BPF_JSET, 10, 0, 1), RET_K(1), RET_K(2)}, 4},
    {"compare with X", 1, {LD_IMM(5), LDX_IMM(5), JMP_X(BPF_JEQ, 0, 1), RET_K(1), RET_K(2)}, 5},
    {"jump behind the end", BAD, {BPF_STMT(BPF_JMP | BPF_JA, 1), RET_K(1)}, 2},
    {"jump by nearly 2^32", BAD, {BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), RET_K(1)}, 2},
    {"conditional jump behind the end", BAD, {JMP_K(BPF_JEQ, 0, 255, 0), RET_K(1)}, 2},
    {"no return", BAD, {LD_IMM(0)}, 1},
    {"nothing", BAD, {RET_K(1)}, 0},
    {"no such jump", BAD, {BPF_JUMP(BPF_JMP | 0x70, 0, 0, 0), RET_K(1)}, 2},
};

int main(void)
{
	struct seccomp_data data = {.nr = 300, .arch = 0xc000003e};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	data.args[5] = UINT64_C(0x6600000055);
#else
	data.args[5] = UINT64_C(0x5500000066);
#endif
	for (size_t i = 0; i < array_len(cases); i++) {
		uint32_t got = emulate_filter(cases[i].insns, cases[i].n, &data);

		ok(got == cases[i].want, "%s: %#x", cases[i].name, got);
	}
	return tap_end();
}
