/* SPDX-License-Identifier: Apache-2.0 */
/* What a process takes from itself: capabilities and system calls. Used by rlc-init: libc only. */
#pragma once
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* Bit n is capability n. */
struct confine_caps {
	uint64_t permitted, effective, inheritable, ambient;
};

/* Drops every capability but those of keep from the bounding set, for good. */
int confine_bounding(uint64_t keep, struct err *e);
/*
 * Sets the inheritable and ambient sets; permitted and effective stay full until the end. Takes out
 * of *c what this kernel does not know or an outer container took: it cannot be given.
 */
int confine_ambient(struct confine_caps *c, struct err *e);
/* The final sets: capset(2). */
int confine_caps_set(const struct confine_caps *c, struct err *e);
/*
 * A session keyring of its own: the inherited one holds the caller's keys. Where a user's keys are
 * used up (EDQUOT) and a filter refuses keyctl anyway, the old one stays out of reach: no error.
 */
int confine_keyring(bool filtered, struct err *e);
/* Loads a seccomp program; insns NULL: none. flags: SECCOMP_FILTER_FLAG_*. */
int confine_filter(const struct sock_filter *insns, size_t n, uint32_t flags, struct err *e);
