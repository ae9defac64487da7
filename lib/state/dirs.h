/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where rlc keeps what it keeps. No daemon and no database: the file system is the database.
 *
 * data  ($XDG_DATA_HOME/rlc, root: /var/lib/rlc) outlives a boot:
 *	blobs/sha256/HEX, index.json, oci-layout	an OCI image layout (manifests and configs)
 *	images/HEX.json			where an image's layers are
 *	layers/KEY/{fs,record.json}	unpacked layers, owned by the container's ids
 *	points/				the lowest layer of all roots: mount points
 *(storage/points.h)
 *	tmp/				what is being made; anything here without a lock is garbage
 *	containers/ID/{record.json,log,…}, and what it changes: upper and work,
 *				fuse/{upper,work} or copy/rootfs
 *	names/NAME			a symlink that holds the ID: claimed atomically (claim.h)
 * run   ($XDG_RUNTIME_DIR/rlc, root: /run/rlc; fallback /tmp/rlc-UID 0700, ownership checked):
 *	bpf/KEY				cached seccomp programs
 *	roots				which root file systems this host lets be made
 *	root/				the mount point every set-up uses in its own namespace
 *	ID/				files bound into the container (hosts, resolv.conf, …),
 *state.json
 */
#pragma once

struct err;

struct dirs {
	char *data;
	char *run;
	int data_fd, run_fd; /* O_PATH|O_DIRECTORY, or -1 until opened */
};

/*
 * Resolves and makes both folders (0700; for real root 0711, since container root passes through).
 * root and runroot override (options --root and --runroot), NULL: the defaults above.
 * A run folder of another owner is refused with the remedy.
 */
int dirs_open(const char *root, const char *runroot, struct dirs *ret, struct err *e);
void dirs_close(struct dirs *d);
/*
 * Opens (for listing and as a base for ...at calls) the folder `name` in `at`, data_fd or run_fd,
 * and makes it where it is missing: only a failed open costs a mkdir. Returns the descriptor.
 */
int dirs_open_folder(int at, const char *name, struct err *e);
