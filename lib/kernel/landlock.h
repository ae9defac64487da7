/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: the mandatory access control that a plain user may load. Libc only. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct err;

/* Rights for what lies beneath a folder. */
enum landlock_access {
	LANDLOCK_READ,	/* open files to read, list folders */
	LANDLOCK_CHANGE /* that, and make, write, rename, link and remove; never execute */
};

struct landlock_beneath {
	int folder;
	enum landlock_access access;
};

enum landlock_network {
	LANDLOCK_NETWORK_FREE, /* Landlock says nothing of it */
	LANDLOCK_NETWORK_NONE  /* neither TCP bind nor connect */
};

/*
 * Refuses this process, for good, every access to files but what rows name; also signals to
 * processes outside and abstract sockets. As far as the kernel's ABI goes: an older one holds less,
 * a kernel without Landlock holds nothing, and that is no error: the other layers stand. Wants
 * no_new_privs. Returns the ABI in force, 0: none, or -1.
 */
int landlock_confine(const struct landlock_beneath *rows, size_t n, enum landlock_network network,
		     struct err *e);
