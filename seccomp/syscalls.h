/* SPDX-License-Identifier: Apache-2.0 */
/* Names of system calls and their numbers on the native ABI, the only one a filter lets in. */
#pragma once
#include <linux/audit.h>
#include <stdint.h>

/* The highest number rlc's table names: what is above is newer than rlc (Linux 6.18). */
enum { SYSCALL_LAST = 469 };

#if defined(__x86_64__)
#define SYSCALL_ARCH	  AUDIT_ARCH_X86_64
#define SYSCALL_ARCH_NAME "amd64"
#elif defined(__aarch64__)
#define SYSCALL_ARCH	  AUDIT_ARCH_AARCH64
#define SYSCALL_ARCH_NAME "arm64"
#elif defined(__riscv) && __riscv_xlen == 64
#define SYSCALL_ARCH	  AUDIT_ARCH_RISCV64
#define SYSCALL_ARCH_NAME "riscv64"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define SYSCALL_ARCH	  AUDIT_ARCH_PPC64LE
#define SYSCALL_ARCH_NAME "ppc64le"
#elif defined(__s390x__)
#define SYSCALL_ARCH	  AUDIT_ARCH_S390X
#define SYSCALL_ARCH_NAME "s390x"
#else
#error "seccomp/syscalls.h: name this machine's AUDIT_ARCH and its name in profiles (GOARCH)"
#endif

/* Returns the number, or -1: a name of another machine, or one that nobody knows. */
int syscall_number(const char *name);
