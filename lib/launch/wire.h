/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What set-up tells init, as one run of bytes over their socket: a head, then arrays, then text.
 * Both ends are of one build, so there is no version but a magic that changes with the layout.
 */
#pragma once
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { WIRE_MAGIC = 0x524c4302, WIRE_MAX = 16 << 20 };

/* The descriptors init starts with; everything else is closed. */
enum init_fd { INIT_FD_CONTROL = 3, INIT_FD_REPORT = 4, INIT_FD_SELF = 5 };

/*
 * Init is started early, while set-up still mounts. On the control socket come the order, then one
 * byte with the descriptor of the new root, then, with INIT_TERMINAL, one with the terminal.
 */

/* Barriers between init and set-up, one byte each. */
enum barrier {
	BARRIER_PROC = 'P',	/* init → set-up: /proc is mounted, mask it */
	BARRIER_CONFINED = 'C', /* init → set-up: nothing privileged is left in me, pivot */
	BARRIER_PIVOTED = 'G',	/* set-up → init: your root is the container's, exec */
};

enum init_flag {
	INIT_NO_NEW_PRIVS = 1 << 0,
	INIT_TERMINAL = 1 << 1, /* stdin is a pty: make it the controlling terminal */
	INIT_REAPER = 1 << 2,	/* --init: stay as PID 1, run the command as a child */
	INIT_MOUNT_PROC = 1 << 3,
	INIT_KEYS_REFUSED = 1 << 5, /* the filter refuses keyctl */
	INIT_SHARES_FS = 1 << 6,    /* root and working folder are set-up's, too, while it lives */
	INIT_NO_SETGROUPS = 1 << 4, /* single id: the kernel refuses setgroups */
};

struct wire_rlimit {
	uint64_t soft, hard;
	uint32_t resource, pad;
};

/* Sets of capabilities, bit n is capability n. */
struct wire_caps {
	uint64_t bounding, permitted, effective, inheritable, ambient;
};

struct wire_head {
	uint32_t magic, flags; /* flags: enum init_flag */
	struct wire_caps caps;
	uint64_t root_dev, root_ino; /* what "/" must be before the exec */
	uint32_t uid, gid, umask, seccomp_flags;
	uint32_t n_rlimits, n_insns, n_groups, n_args, n_env, text_size;
};

/* Everything init needs; the pointers of a decoded order point into its buffer. */
struct init_order {
	struct wire_head head;
	const struct wire_rlimit *rlimits;
	const struct sock_filter *insns; /* NULL: no filter */
	const uint32_t *groups;
	const char *const *args, *const *env; /* NULL-ended */
	const char *workdir;
};

/* Bytes to send: a uint64_t length, then the order. Owned by the caller. */
void *wire_encode(const struct init_order *o, size_t *ret_size);
/*
 * Reads an order out of `size` bytes (without the length) that stay alive as long as it is used.
 * Pure but for memory; every count is checked against the size. *ret_owned: free(3) it at the end.
 */
int wire_decode(const void *bytes, size_t size, struct init_order *ret, void **ret_owned,
		struct err *e);
