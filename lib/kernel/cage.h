/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The confinement of rlc's helper processes, which read what strangers send: nothing of the host's
 * files, no capability, few system calls. Libc only.
 */
#pragma once
#include "lib/kernel/allow.h"

#include <stdbool.h>

/* A text in the cage's otherwise empty root: "etc/hosts", one folder deep at most. */
struct cage_file {
	const char *name;
	const char *text;
};

struct cage {
	const char *name;    /* of the program, for errors */
	uint64_t namespaces; /* CLONE_NEW* beside those that every cage has */
	/*
	 * It is root of a user namespace already (having joined one): that stays, and only the
	 * other namespaces are new.
	 */
	bool in_namespaces;
	const struct cage_file *files;
	size_t n_files;
	uint64_t memory;      /* bytes of address space; 0: as it is */
	uint64_t descriptors; /* highest number plus one; 0: as it is */
	uint64_t caps;	      /* bit n: CAP n (of the user namespace) stays; usually 0 */
	const struct allow *allow;
	size_t n_allow;
};

/*
 * Enters, for good. Should be called by a process of one thread, once it has opened all it needs
 * and closed everything else. Then: own user, mount, ipc and uts namespaces (and those asked for),
 * an empty read-only root, no capability but caps, no_new_privs, not dumpable, no core file,
 * Landlock where the kernel has it, and the allow-list last.
 */
int cage_enter(const struct cage *c, struct err *e);
