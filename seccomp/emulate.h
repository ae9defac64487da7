/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of a seccomp program without loading it. */
#pragma once
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Runs classic BPF as seccomp(2) does and returns its SECCOMP_RET_* value. What the kernel would
 * not load (an unknown instruction, a jump or load out of bounds, no return) answers
 * SECCOMP_RET_KILL_PROCESS, so that a broken program never looks permissive.
 */
uint32_t emulate_filter(const struct sock_filter *insns, size_t n, const struct seccomp_data *data);
